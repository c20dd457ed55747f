#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace harpy {

/// Subtracts from each frame the mean of the last ones, itself among them. While there are few, the
/// mean of the training data makes up for those that are not there (Kaldi's OnlineCmvn, without
/// variances and what is known of the speaker). Nothing waits. Threads: one at a time.
class OnlineMean {
 public:
  struct Window {
    std::int64_t frames = 600;        ///< whose mean is taken
    std::int64_t prior_frames = 200;  ///< at most so many are the training data's
  };

  /// Shapes: training_means [dim].
  OnlineMean(std::vector<double> training_means, const Window& window);

  /// Takes the next frame. Shapes: frame, normalized [dim].
  void subtract(std::span<const float> frame, std::span<float> normalized);

 private:
  std::vector<double> training_means_;
  Window window_;
  std::vector<float> frames_;  ///< the last ones, [window, dim], frame t at t modulo the window
  std::vector<double> sums_;   ///< of them
  std::int64_t frame_count_ = 0;
};

}  // namespace harpy
