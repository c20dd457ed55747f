#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "frontend/feature_extractor.hpp"
#include "frontend/ivector/frame_weights.hpp"

namespace harpy {

/// The features of one stream of samples.
///
/// Law: the same samples give the same bits however they are cut. In the steady state nothing is
/// allocated. Threads: one at a time.
class FeatureStream {
 public:
  /// Errors: std::invalid_argument for options with normalisation over the utterance.
  explicit FeatureStream(std::shared_ptr<const FeatureExtractor> extractor);
  FeatureStream(FeatureStream&&) noexcept;
  FeatureStream& operator=(FeatureStream&&) noexcept;
  ~FeatureStream();

  /// Takes samples in [-1, 1] at the extractor's rate and computes the frames they complete.
  /// Errors: std::logic_error after finish.
  void accept(std::span<const float> samples);
  /// Says that no more samples come, and computes the frames that waited for later samples.
  void finish();

  /// How many frames are computed and not yet taken.
  std::int64_t frames_ready() const;
  /// Says how much frames count in the i-vectors of those that are taken from now on
  /// (IvectorStream::weigh). Errors: std::logic_error if they all count alike.
  void weigh(const FrameWeights& weights, std::int64_t frames_each);
  /// The next frames, at most `max_frames`, row-major [frames, dim]. The span is valid until the
  /// next call on this stream.
  std::span<const float> take(std::int64_t max_frames);

  const FeatureExtractor& extractor() const;

 private:
  struct Pipeline;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace harpy
