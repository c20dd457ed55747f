#include "frontend/frame_cutter.hpp"

#include <algorithm>

namespace harpy {
namespace {

constexpr float kSixteenBitScale = 32768.0F;

}  // namespace

FrameCutter::FrameCutter(const FeatureExtractor& extractor)
    : extractor_(extractor), length_(extractor.frame_length_samples()) {}

void FrameCutter::accept(std::span<const float> samples) {
  drop_used_samples();
  const std::size_t old_size = samples_.size();
  samples_.resize(old_size + samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples_[old_size + i] = samples[i] * kSixteenBitScale;
  }
}

void FrameCutter::drop_used_samples() {
  // Mirroring at the end can reach one sample before the frame's first.
  const std::int64_t first_needed = extractor_.first_sample(next_frame_) - 1;
  const std::int64_t count =
      std::min(first_needed - base_, static_cast<std::int64_t>(samples_.size()));
  if (count <= 0) return;
  samples_.erase(samples_.begin(), samples_.begin() + count);
  base_ += count;
}

std::span<const float> FrameCutter::next_frame() {
  const std::int64_t begin = extractor_.first_sample(next_frame_);
  const bool whole = begin + length_ <= sample_count();
  if (!whole && (!finished_ || next_frame_ >= extractor_.frame_count(sample_count()))) return {};
  ++next_frame_;
  if (!whole || begin < 0) return mirrored_frame(begin);
  return std::span(samples_).subspan(static_cast<std::size_t>(begin - base_),
                                     static_cast<std::size_t>(length_));
}

std::span<const float> FrameCutter::mirrored_frame(std::int64_t begin) {
  mirrored_.resize(static_cast<std::size_t>(length_));
  for (std::int64_t i = 0; i < length_; ++i) {
    std::int64_t source = begin + i;
    while (source < 0 || source >= sample_count()) {
      source = source < 0 ? -source - 1 : 2 * sample_count() - 1 - source;
    }
    mirrored_[static_cast<std::size_t>(i)] = samples_[static_cast<std::size_t>(source - base_)];
  }
  return mirrored_;
}

}  // namespace harpy
