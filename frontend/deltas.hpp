#pragma once

#include <cstdint>
#include <vector>

#include "frontend/row_queue.hpp"

namespace harpy {

/// Appends differences over time to each frame (Kaldi's add-deltas). Order 1, with W = window:
///   d[t] = sum over j = -W .. W of j * x[t + j], divided by the sum of j^2;
/// order n convolves these weights n times. Frames beyond both ends repeat the first and the last.
class DeltaAppender {
 public:
  /// Errors: std::invalid_argument unless order >= 0 and window >= 1.
  DeltaAppender(int order, int window);

  /// Moves the frames whose differences are known from `input` [frames, dim] to `output` [frames,
  /// dim * (order + 1)]; `last` says that no more frames will come.
  void process(RowQueue& input, bool last, RowQueue& output);

 private:
  std::vector<std::vector<float>> weights_;  ///< of order n: [2 * n * window + 1]
  std::int64_t reach_frames_;                ///< order * window
  std::int64_t next_frame_ = 0;
};

}  // namespace harpy
