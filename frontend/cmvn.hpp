#pragma once

#include <cstdint>
#include <vector>

#include "frontend/feature_options.hpp"
#include "frontend/row_queue.hpp"

namespace harpy {

/// Subtracts the mean over a window of frames, and divides by their standard deviation if asked to.
///
/// Window of frame t (Kaldi's apply-cmvn-sliding, center=false): frames max(0, t - window) to
/// max(t, min_frames - 1), cut at the end of the stream; over the utterance: all frames. Sums are
/// kept in double precision and updated in the order of the frames.
class FeatureNormalizer {
 public:
  FeatureNormalizer(const FeatureOptions& options, int dim);

  /// Moves the frames that can be normalised from `input` to `output`; `last` says that no
  /// more frames will come.
  void process(RowQueue& input, bool last, RowQueue& output);

 private:
  void add(std::span<const float> frame, double sign);
  void normalize(std::span<const float> frame, std::span<float> output) const;

  FeatureOptions options_;
  std::vector<double> sums_;
  std::vector<double> square_sums_;
  std::int64_t window_begin_ = 0;
  std::int64_t window_end_ = 0;
  std::int64_t next_frame_ = 0;
};

}  // namespace harpy
