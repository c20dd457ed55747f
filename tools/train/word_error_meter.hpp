#pragma once

#include <filesystem>
#include <memory>

#include "acoustic/network.hpp"
#include "acoustic/training/dataset.hpp"
#include "decoder/graph/graph_file.hpp"
#include "decoder/graph/lexicon.hpp"
#include "decoder/search/beam_search.hpp"
#include "tools/score/word_errors.hpp"

namespace harpy::tools {

/// Measures word errors of a network in training: decodes a data set with a graph.
class WordErrorMeter {
 public:
  /// Errors: std::runtime_error naming the file if it is no graph or was not made for these labels.
  WordErrorMeter(const std::filesystem::path& graph, const SymbolTable& labels,
                 const BeamSearchOptions& options, LetterCase letter_case);

  /// The word errors of the network's first head, with whole utterances as in training's own
  /// validation. A transcript is compared in the case given above.
  ErrorCounts evaluate(Backend& backend, const Network& network, const Dataset& dataset) const;

 private:
  std::shared_ptr<const GraphPackage> graph_;
  std::unique_ptr<BeamSearch> search_;
  LetterCase letter_case_;
};

}  // namespace harpy::tools
