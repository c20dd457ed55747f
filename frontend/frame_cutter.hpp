#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "frontend/feature_extractor.hpp"

namespace harpy {

/// Cuts a stream of samples into overlapping frames, mirrored at both ends without snip_edges.
class FrameCutter {
 public:
  explicit FrameCutter(const FeatureExtractor& extractor);

  /// Appends samples in [-1, 1], scaled to 16-bit integers.
  void accept(std::span<const float> samples);
  /// Says that no more samples come.
  void finish() { finished_ = true; }
  bool finished() const { return finished_; }

  /// The samples of the next frame, valid until the next call; empty if it is not complete.
  std::span<const float> next_frame();

 private:
  std::int64_t sample_count() const { return base_ + static_cast<std::int64_t>(samples_.size()); }
  std::span<const float> mirrored_frame(std::int64_t begin);
  void drop_used_samples();

  const FeatureExtractor& extractor_;
  std::int64_t length_;
  std::int64_t base_ = 0;  ///< index in the stream of samples_[0]
  std::vector<float> samples_;
  std::int64_t next_frame_ = 0;
  bool finished_ = false;
  std::vector<float> mirrored_;
};

}  // namespace harpy
