#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "acoustic/backend/tensor.hpp"
#include "decoder/graph/pronunciation_table.hpp"
#include "decoder/graph/topology.hpp"

namespace harpy {

/// A label of a transcript, or a silence between its words, and its frames.
struct AlignedLabel {
  std::int32_t label = 0;
  std::int32_t word_index = -1;  ///< place of its word in the transcript, -1 for silence
  std::int32_t begin_frame = 0;
  std::int32_t end_frame = 0;  ///< one past the last; blanks belong to no label

  bool operator==(const AlignedLabel&) const = default;
};

/// A word of a transcript and its frames, from its first label's to its last one's.
struct AlignedWord {
  std::int32_t pronunciation = 0;  ///< index of the variant that was heard
  std::int32_t begin_frame = 0;
  std::int32_t end_frame = 0;

  bool operator==(const AlignedWord&) const = default;
};

struct Alignment {
  std::vector<AlignedLabel> labels;  ///< in order of time
  std::vector<AlignedWord> words;    ///< one for each word of the transcript
  double log_likelihood = 0.0;       ///< of the path: the sum of its frames'
};

/// The ways to say each word of a transcript, as labels.
using AlignmentTranscript = std::vector<std::vector<std::vector<std::int32_t>>>;

/// Finds the frames of each label and word of a transcript (forced alignment): the likeliest path,
/// by exact Viterbi search, through all variants of its words; silence, where there is one, is
/// optional between words and at both ends.
///
/// Shapes: log_likelihoods [frames, labels x states of the topology], natural logarithms; values
/// that are not finite forbid a path. Cost: time and two bytes for each frame and state of the
/// transcript's graph (about two states a label for CTC).
/// Errors: std::invalid_argument for a word without pronunciation, an empty one or one with a label
/// out of range; std::runtime_error if the transcript does not fit into the frames.
Alignment align(ConstTensorView log_likelihoods, const AlignmentTranscript& transcript,
                const FrameLabels& frame_labels = {});

/// The same for words by number. Errors: as above; std::invalid_argument for a word that is not in
/// the table.
Alignment align(ConstTensorView log_likelihoods, std::span<const std::int32_t> words,
                const PronunciationTable& pronunciations, const FrameLabels& frame_labels = {});

}  // namespace harpy
