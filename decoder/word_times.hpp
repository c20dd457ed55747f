#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/graph/pronunciation_table.hpp"
#include "decoder/graph/topology.hpp"
#include "decoder/search/beam_search.hpp"

namespace harpy {

/// A word of a best path and the frames in which its labels were heard.
struct TimedWord {
  std::int32_t word = 0;
  std::int32_t begin_frame = 0;
  std::int32_t end_frame = 0;  ///< one past the last

  bool operator==(const TimedWord&) const = default;
};

/// A label of a word and the frames in which it was heard.
struct TimedLabel {
  std::int32_t label = 0;
  std::int32_t begin_frame = 0;
  std::int32_t end_frame = 0;  ///< one past the last

  bool operator==(const TimedLabel&) const = default;
};

/// Finds when the words of a path were spoken.
///
/// A graph puts a word out wherever determinisation left its label, so the words are matched in
/// order with the labels of the path (runs of frames of one label; blanks and silence left out) by
/// dynamic programming over pronunciations. Where a run may be several labels (one state a label),
/// all but the last take one frame. The last word may be spoken in part, and labels may follow
/// whose word is not out yet. A word without pronunciations, such as a grammar's unknown word,
/// matches any labels. A word that matches nothing gets the frame in which it was put out.
/// Where a graph lists what its inputs stand for, the labels themselves say where words begin and
/// end. If they do not, a word's time is from where it is put out to where the next one is.
/// Cost: words x labels x pronunciations.
std::vector<TimedWord> word_times(std::span<const PathStep> steps,
                                  const PronunciationTable& pronunciations,
                                  const FrameLabels& frame_labels = {});

/// The labels of each of these words; none of a word that matched nothing. Where a label may follow
/// itself unseen (one state a label), its frames are one.
std::vector<std::vector<TimedLabel>> label_times(std::span<const PathStep> steps,
                                                 const PronunciationTable& pronunciations,
                                                 const FrameLabels& frame_labels = {});

}  // namespace harpy
