#include "frontend/ivector/online_mean.hpp"

#include <algorithm>
#include <utility>

namespace harpy {

OnlineMean::OnlineMean(std::vector<double> training_means, const Window& window)
    : training_means_(std::move(training_means)),
      window_(window),
      frames_(static_cast<std::size_t>(window.frames) * training_means_.size()),
      sums_(training_means_.size()) {}

void OnlineMean::subtract(std::span<const float> frame, std::span<float> normalized) {
  const std::span<float> oldest = std::span(frames_).subspan(
      static_cast<std::size_t>(frame_count_ % window_.frames) * frame.size(), frame.size());
  const bool is_full = frame_count_ >= window_.frames;
  const std::int64_t count = std::min(++frame_count_, window_.frames);
  const auto prior = static_cast<double>(std::min(window_.frames - count, window_.prior_frames));
  for (std::size_t d = 0; d < frame.size(); ++d) {
    if (is_full) sums_[d] -= oldest[d];
    sums_[d] += frame[d];
    oldest[d] = frame[d];
    const double sum = sums_[d] + training_means_[d] * prior;
    normalized[d] = static_cast<float>(frame[d] - sum / (static_cast<double>(count) + prior));
  }
}

}  // namespace harpy
