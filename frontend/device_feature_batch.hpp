#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "frontend/device_features.hpp"
#include "frontend/feature_extractor.hpp"

namespace harpy {

/// The samples of one stream that a DeviceFeatureBatch makes features of, block by block.
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
  std::vector<float> samples_;     ///< those that frames not yet taken need
  std::int64_t first_sample_ = 0;  ///< number of the first of them
  std::int64_t frames_complete_ = 0;
  std::int64_t frames_taken_ = 0;
};

/// Computes the features of many streams at once where the backend works, which is worth while on a
/// GPU; see DeviceFeatures. Threads: used by one at a time, as its backend.
class DeviceFeatureBatch {
 public:
  /// The backend outlives the object. Errors: as of DeviceFeatures.
  DeviceFeatureBatch(Backend& backend, const FeatureOptions& options);

  /// Whether these features can be computed so: by DeviceFeatures, of streams.
  static bool supports(const FeatureOptions& options);

  /// Writes the next frames of each stream, as many as there are, into its row; what is behind them
  /// stays. Shapes: features [at least the streams, frames, dim].
  void compute(std::span<DeviceFeatureStream* const> streams, TensorView features);

 private:
  Backend& backend_;
  DeviceFeatures features_;
  std::vector<float> host_samples_;
  DeviceBuffer<float> samples_;
};

}  // namespace harpy
