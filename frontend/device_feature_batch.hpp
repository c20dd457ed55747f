#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "frontend/device_features.hpp"
#include "frontend/feature_extractor.hpp"

namespace harpy {

/// Holds the samples of one stream until a DeviceFeatureBatch has computed features from them.
/// Threads: one at a time.
class DeviceFeatureStream {
 public:
  /// Errors: std::invalid_argument for features that need samples beyond a stream's ends (without
  /// snip_edges).
  explicit DeviceFeatureStream(std::shared_ptr<const FeatureExtractor> extractor);

  /// Takes samples in [-1, 1] at the extractor's rate; returns how many frames they complete.
  std::int64_t accept(std::span<const float> samples);

 private:
  friend class DeviceFeatureBatch;

  std::shared_ptr<const FeatureExtractor> extractor_;
  std::vector<float> samples_;     ///< needed by frames that are not yet computed
  std::int64_t first_sample_ = 0;  ///< index in the stream of samples_[0]
  std::int64_t frames_complete_ = 0;
  std::int64_t frames_taken_ = 0;
};

/// Computes the features of many streams at once on the device of a backend (see DeviceFeatures),
/// which is worth while on a GPU. Threads: used by one at a time, as its backend.
class DeviceFeatureBatch {
 public:
  /// The backend outlives the object. Errors: as of DeviceFeatures.
  DeviceFeatureBatch(Backend& backend, const FeatureOptions& options);

  /// Whether such features can be computed for streams by DeviceFeatures.
  static bool supports(const FeatureOptions& options);

  /// Computes the frames of each stream that its samples complete, and writes them to the beginning
  /// of its row. The rest of the row stays as it was. Shapes: features [at least the streams,
  /// frames, dim].
  void compute(std::span<DeviceFeatureStream* const> streams, TensorView features);

 private:
  Backend& backend_;
  DeviceFeatures features_;
  std::vector<float> host_samples_;
  DeviceBuffer<float> samples_;
};

}  // namespace harpy
