#include "frontend/cmvn.hpp"

#include <algorithm>
#include <cmath>

namespace harpy {
namespace {

constexpr double kLeastVariance = 1e-10;

}  // namespace

FeatureNormalizer::FeatureNormalizer(const FeatureOptions& options, int dim)
    : options_(options),
      sums_(static_cast<std::size_t>(dim)),
      square_sums_(static_cast<std::size_t>(dim)) {}

void FeatureNormalizer::process(RowQueue& input, bool last, RowQueue& output) {
  const bool sliding = options_.normalization == NormalizationKind::kSliding;
  const std::int64_t available = input.removed_count() + input.size();
  if (!sliding && !last) return;
  for (; next_frame_ < available; ++next_frame_) {
    std::int64_t begin = 0;
    std::int64_t end = available;
    if (sliding) {
      begin = std::max<std::int64_t>(0, next_frame_ - options_.sliding_window_frames);
      end = std::max<std::int64_t>(next_frame_ + 1, options_.sliding_min_frames);
      if (end > available) {
        if (!last) return;
        end = available;
      }
    }
    for (; window_end_ < end; ++window_end_) {
      add(input.row(window_end_ - input.removed_count()), 1.0);
    }
    for (; window_begin_ < begin; ++window_begin_) add(input.take(1), -1.0);
    normalize(input.row(next_frame_ - input.removed_count()), output.append());
  }
}

void FeatureNormalizer::add(std::span<const float> frame, double sign) {
  for (std::size_t d = 0; d < frame.size(); ++d) {
    const double value = frame[d];
    sums_[d] += sign * value;
    square_sums_[d] += sign * value * value;
  }
}

void FeatureNormalizer::normalize(std::span<const float> frame, std::span<float> output) const {
  const auto count = static_cast<double>(window_end_ - window_begin_);
  for (std::size_t d = 0; d < frame.size(); ++d) {
    const double mean = sums_[d] / count;
    double value = frame[d] - mean;
    if (options_.normalize_variance) {
      const double variance = square_sums_[d] / count - mean * mean;
      value /= std::sqrt(std::max(variance, kLeastVariance));
    }
    output[d] = static_cast<float>(value);
  }
}

}  // namespace harpy
