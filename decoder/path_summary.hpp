#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "decoder/graph/topology.hpp"
#include "decoder/search/beam_search.hpp"

namespace harpy {

/// What must be known of a path after each block of frames. It is made step by step, so that a path
/// that has grown costs no more than its new steps.
struct PathSummary {
  std::size_t step_count = 0;
  std::vector<std::int32_t> words;                ///< that were put out
  std::optional<std::int32_t> first_label_frame;  ///< of the labels that words are made of
  std::optional<std::int32_t> last_label_frame;

  /// Adds the steps that come next.
  void add(std::span<const PathStep> steps, const FrameLabels& frame_labels);
};

}  // namespace harpy
