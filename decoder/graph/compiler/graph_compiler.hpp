#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decoder/graph/compiler/fillers.hpp"
#include "decoder/graph/graph_file.hpp"
#include "decoder/graph/lexicon.hpp"
#include "decoder/language_model/ngram_model.hpp"

namespace harpy {

struct GraphCompilerOptions {
  Topology topology = Topology::kCtc;
  /// The units of the acoustic model that the graph is for.
  LabelContexts contexts = {};
  /// Only these words of the language model enter the graph. Empty: all that have a pronunciation.
  std::vector<std::string> vocabulary = {};
  /// What each word costs beside the language model, in nats: the word insertion penalty. Larger:
  /// fewer and longer words.
  float word_cost = 0.0F;
  /// Silence and noises between words.
  FillerOptions fillers = {};
};

/// Size of the graph after a stage of the compiler, and how long the stage took.
struct CompilerStage {
  std::string name;
  std::int64_t state_count = 0;
  std::int64_t arc_count = 0;
  double seconds = 0.0;
};

struct CompiledGraph {
  GraphPackage package;
  /// What the package's pronunciations cost, in the order of their table, each with its word's
  /// cost; they are in the graph.
  std::vector<float> pronunciation_costs;
  std::vector<CompilerStage> stages;
  /// Words of the language model that the lexicon lacks: they are not in the graph.
  std::vector<std::string> words_without_pronunciation;
};

/// The label in a package's graph of each word of a model's vocabulary, 0 for words it lacks.
std::vector<std::int32_t> output_labels(const NgramModel& model, const SymbolTable& words);

/// The words of a model, only those of `allowed` unless that is empty, that a lexicon lacks.
std::vector<std::string> words_without_pronunciation(const Lexicon& lexicon,
                                                     const NgramModel& model,
                                                     const std::vector<std::string>& allowed = {});

/// Compiles lexicon and language model into a decoding graph: the lexicon's prefix tree composed
/// with the model's grammar, fillers added at word boundaries, then expanded by the topology. Words
/// keep the model's order, noise words follow; <s>, </s> and <unk> are no words of the graph.
/// Errors: std::invalid_argument if no word of the model has a pronunciation, a word of
/// options.vocabulary is not in the model or a noise word is, a label is named like a pair of two
/// others, or as find_fillers.
CompiledGraph compile_graph(const Lexicon& lexicon, const NgramModel& model,
                            const GraphCompilerOptions& options = {});

}  // namespace harpy
