#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/graph/decoding_graph.hpp"
#include "decoder/graph/label_contexts.hpp"
#include "decoder/path_sums/summation_graph.hpp"

namespace harpy {

struct DenominatorOptions {
  /// The longest n-grams have so many labels. A higher order tells more about what may follow,
  /// given enough transcripts and contexts.
  int order = 3;
  /// At most so many contexts of two labels or more enter, the most frequent ones; those of one
  /// label always do. More contexts make a better model that takes more time: each costs two
  /// states, and about two arcs for each label. 500 contexts cover nine tenths of the places in
  /// English text.
  std::int64_t context_count = 500;
  /// The units that score the labels' frames.
  LabelContexts contexts = {};
};

/// All label sequences with all their alignments, weighed by an n-gram model: the denominator of
/// lattice-free MMI with the topology of CTC (H. Xiang, Z. Ou, CRF-based single-stage acoustic
/// modeling with CTC topology, ICASSP 2019).
///
/// A state of the model is a context; from each one every label leads to the longest context that
/// there is, at the cost -log p(label | context) of an n-gram model with absolute discounting
/// (estimate_kneser_ney with occurrences). So there are no back-off arcs: each label sequence has
/// one path and the weights of all of them sum to 1.
///
/// Threads: const access from any thread.
class DenominatorGraph {
 public:
  /// Estimates the model of label sequences, labels being 1 .. label_count - 1 and 0 the blank.
  /// Cost: like a small language model, a second for a million labels.
  /// Errors: std::invalid_argument for no sequences, labels out of range or impossible options.
  DenominatorGraph(std::span<const std::vector<std::int32_t>> label_sequences,
                   std::int32_t label_count, const DenominatorOptions& options);

  /// log P(labels) by the model, the end included. Labels are within 1 .. label_count - 1.
  double log_probability(std::span<const std::int32_t> labels) const;

  /// The label sequences: inputs are 1 .. label_count - 1 without blank, outputs the same.
  const GraphView& labels() const { return labels_.view(); }
  /// The units that score the labels' frames; they are the pdfs of the alignments.
  const LabelContexts& contexts() const { return contexts_; }
  /// Their alignments with frames; outputs are labels.
  const DecodingGraph& alignments() const { return alignments_; }
  /// The same, prepared for sums.
  const SummationGraph& summation_graph() const { return summation_graph_; }
  std::int32_t pdf_count() const { return summation_graph_.pdf_count(); }

 private:
  LabelContexts contexts_;
  DecodingGraph labels_;
  DecodingGraph alignments_;
  SummationGraph summation_graph_;
};

}  // namespace harpy
