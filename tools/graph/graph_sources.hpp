#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "decoder/graph/compiler/graph_compiler.hpp"
#include "decoder/graph/token_list.hpp"
#include "decoder/graph/token_spelling.hpp"
#include "decoder/language_model/ngram_model.hpp"

namespace harpy::tools {

/// What a graph is compiled from; an empty path: not given.
struct GraphSources {
  std::filesystem::path language_model;
  std::vector<std::filesystem::path> lexicons;  ///< none: words are spelled
  /// Case that the lexicon's words, or the words that are spelled, are changed to.
  LetterCase letter_case = LetterCase::kUpper;
  std::filesystem::path phones;      ///< the labels in their order
  std::filesystem::path model;       ///< a model package, in place of phones
  std::filesystem::path tokens;      ///< a TokenList, in place of phones
  BlankColumn blank = {};            ///< in the list of tokens
  SpellingOptions spelling = {};     ///< in tokens
  std::filesystem::path vocabulary;  ///< words to restrict the graph to
  std::optional<float> word_cost;    ///< the model's if not given
  bool guess_pronunciations = false;
  Topology topology = Topology::kCtc;
  FillerOptions fillers = {};
};

/// A graph and what it was compiled from.
struct SourcedGraph {
  NgramModel language_model;
  CompiledGraph compiled;
  FillerOptions fillers;  ///< with the separator that the tokens have
  std::string guessed;    ///< the pronunciations that were guessed, in CMUdict's format
};

/// Reads the sources and compiles the graph. Tells on standard error what was repaired in the
/// language model, guessed and left out, and with `tells_sizes` how large the model is.
/// Errors: std::runtime_error naming file and place; those of compile_graph.
SourcedGraph compile_sources(const GraphSources& sources, bool tells_sizes);

}  // namespace harpy::tools
