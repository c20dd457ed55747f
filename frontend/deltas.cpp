#include "frontend/deltas.hpp"

#include <algorithm>
#include <stdexcept>

namespace harpy {

DeltaAppender::DeltaAppender(int order, int window) : reach_frames_(std::int64_t{order} * window) {
  if (order < 0 || window < 1) {
    throw std::invalid_argument(
        "deltas: expected an order of at least 0 and a window of at least 1, got " +
        std::to_string(order) + " and " + std::to_string(window));
  }
  double normalizer = 0.0;
  for (int j = -window; j <= window; ++j) normalizer += static_cast<double>(j) * j;
  std::vector<double> weights{1.0};
  for (int n = 0;; ++n) {
    weights_.emplace_back(weights.begin(), weights.end());
    if (n == order) break;
    const auto width = 2 * static_cast<std::size_t>(window) + 1;
    std::vector<double> next(weights.size() + width - 1);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      for (std::size_t j = 0; j < width; ++j) {
        next[i + j] += weights[i] * (static_cast<double>(j) - window) / normalizer;
      }
    }
    weights = std::move(next);
  }
}

void DeltaAppender::process(RowQueue& input, bool last, RowQueue& output) {
  const std::int64_t end = input.removed_count() + input.size();
  for (; next_frame_ < (last ? end : end - reach_frames_); ++next_frame_) {
    const std::span<float> row = output.append();
    const std::size_t dim = row.size() / weights_.size();
    for (std::size_t n = 0; n < weights_.size(); ++n) {
      const std::span<float> part = row.subspan(n * dim, dim);
      const auto reach = static_cast<std::int64_t>(weights_[n].size() / 2);
      for (std::int64_t j = -reach; j <= reach; ++j) {
        const float weight = weights_[n][static_cast<std::size_t>(j + reach)];
        if (weight == 0.0F) continue;
        const std::int64_t frame = std::clamp<std::int64_t>(next_frame_ + j, 0, end - 1);
        const std::span<const float> x = input.row(frame - input.removed_count());
        for (std::size_t d = 0; d < dim; ++d) part[d] += weight * x[d];
      }
    }
    input.take(std::max<std::int64_t>(0, next_frame_ + 1 - reach_frames_ - input.removed_count()));
  }
}

}  // namespace harpy
