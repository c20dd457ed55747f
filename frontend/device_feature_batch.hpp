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
  std::vector<float> samples_;  ///< from begin_ on needed by frames that are not yet computed
  std::size_t begin_ = 0;
  std::int64_t first_sample_ = 0;  ///< index in the stream of samples_[begin_]
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

  /// Begins a batch of so many streams. Of each at most `frame_count` frames will be computed. No
  /// step of the batch before may be under way.
  void begin(std::size_t stream_count, std::int64_t frame_count);
  /// Takes the samples of the next frames that a stream's samples complete, for a place of the
  /// batch. Threads: any, for different streams and places at once.
  void take(std::size_t place, DeviceFeatureStream& stream);
  /// Computes what was taken for the places from `first` on, and writes it to the beginnings of the
  /// rows. The rest of each row stays as it was. The host goes on while the device works.
  /// Shapes: features [at least count, frame_count, dim].
  void compute(std::size_t first, std::size_t count, TensorView features);

 private:
  Backend& backend_;
  DeviceFeatures features_;
  std::int64_t shift_samples_;
  std::int64_t length_samples_;
  std::int64_t frame_count_ = 0;    ///< of a place, at most
  std::size_t place_samples_ = 0;   ///< that these need
  HostBuffer<float> host_samples_;  ///< [places, place_samples_]
  DeviceBuffer<float> samples_;     ///< likewise
  std::vector<DeviceAudio> audio_;  ///< [places]; their samples' and frames' places come last
};

}  // namespace harpy
