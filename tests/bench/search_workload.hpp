#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "decoder/search/beam_search.hpp"

namespace harpy::bench {

/// Utterances to be searched at an acoustic scale of 1.
struct SearchWorkload {
  std::shared_ptr<const DecodingGraph> graph;
  std::vector<std::vector<float>> scores;             ///< of each utterance, [frames, pdfs]
  std::map<std::string, BeamSearchOptions> settings;  ///< "wide" and "narrow"
  /// Phrases that streams may follow, of a model alone: "drawn", 1,000 pairs of words drawn from
  /// its vocabulary, and "said", the first 1,000 pairs of neighbouring words of the dev set.
  std::map<std::string, std::shared_ptr<const PhraseAutomaton>> phrases = {};

  std::size_t pdf_count() const { return static_cast<std::size_t>(graph->view().pdf_count); }
  std::size_t frame_count() const;
};

/// A golden graph, "mono" or "biphone", with all its utterances.
SearchWorkload golden_workload(const std::string& name);

/// Whether the default model, its graph and the recordings it is measured on are there.
bool has_model_workload();

/// The default model's graph and its log-likelihoods of the first 12 utterances of the dev set, in
/// the settings of the golden graphs.
SearchWorkload model_workload();

}  // namespace harpy::bench
