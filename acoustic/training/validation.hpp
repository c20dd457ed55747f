#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "acoustic/backend/loss.hpp"
#include "acoustic/network.hpp"
#include "acoustic/training/dataset.hpp"
#include "acoustic/training/ranks.hpp"

namespace harpy {

/// How well a network does on data it is not trained on.
struct ValidationResult {
  double loss_per_frame = 0.0;    ///< over output frames
  double label_error_rate = 0.0;  ///< edits per label of the transcripts
  std::int64_t label_count = 0;
  std::int64_t skipped = 0;  ///< utterances that the loss left out
};

/// The label of the best output of each frame, equal neighbours collapsed, blanks (label 0)
/// removed: the greedy result of CTC (Graves et al., 2006). `label_of` says which label an output
/// stands for. Shapes: scores [frames, outputs].
std::vector<std::int32_t> greedy_labels(
    std::span<const float> scores, std::int64_t output_count,
    const std::function<std::int32_t(std::int32_t output)>& label_of = std::identity());

/// Finds the labels of an utterance. Shapes: scores [frames, outputs], blank first.
using LabelDecoder = std::function<std::vector<std::int32_t>(std::span<const float> scores,
                                                             std::int64_t output_count)>;

/// Evaluates loss and label error rate, one utterance at a time and without augmentation. The error
/// rate is that of the network's first head and of what `decoder` finds in it. The ranks share the
/// utterances and get the same result; the loss may have other last digits for another number of
/// them.
ValidationResult validate(Backend& backend, const Network& network, Loss& loss,
                          const Dataset& dataset, const LabelDecoder& decoder,
                          Ranks& ranks = only_rank());

/// Insertions, deletions and substitutions between two label sequences (Levenshtein).
std::int64_t edit_distance(std::span<const std::int32_t> a, std::span<const std::int32_t> b);

}  // namespace harpy
