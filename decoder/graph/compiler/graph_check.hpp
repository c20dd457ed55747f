#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "decoder/graph/compiler/fillers.hpp"
#include "decoder/graph/graph_file.hpp"
#include "decoder/language_model/ngram_model.hpp"

namespace harpy {

/// Least cost of a sentence (ended by </s>) under a model where the back-off may be taken for any
/// word; infinite if the sentence is impossible. It is computed from the model alone, without a
/// graph.
double least_sentence_cost(const NgramModel& model, std::span<const WordId> sentence);

/// Cost of the best path of a graph that consumes the pdfs of `frames` and puts out `words`;
/// infinite if there is none.
double accepted_cost(const GraphView& graph, std::span<const std::int32_t> frames,
                     std::span<const std::int32_t> words);

struct GraphCheckOptions {
  std::int32_t sentence_count = 200;
  std::uint64_t seed = 1;
  /// Those that the graph was compiled with.
  FillerOptions fillers = {};
  /// Of the package's pronunciations, as CompiledGraph has them; empty: all 0.
  std::vector<float> pronunciation_costs = {};
};

struct GraphCheck {
  std::int32_t sentence_count = 0;
  std::int64_t word_count = 0;
  std::int64_t frame_count = 0;
  /// Greatest difference between graph and model, in nats per word (</s> is one); infinite if a
  /// sentence was not accepted.
  double largest_difference = 0.0;
  std::string worst_sentence;
};

/// Checks that a graph accepts sentences drawn from the model it was compiled from, at the model's
/// cost and that of the pronunciations: each is given one of its pronunciations, fillers between
/// them, and frames at random that mean it.
GraphCheck check_graph(const GraphPackage& package, const NgramModel& model,
                       const GraphCheckOptions& options = {});

}  // namespace harpy
