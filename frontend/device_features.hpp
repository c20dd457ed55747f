#pragma once

#include <cstdint>
#include <span>

#include "acoustic/backend/backend.hpp"
#include "frontend/feature_options.hpp"
#include "frontend/log_mel_program.hpp"

namespace harpy {

/// Describes frames that are to be computed, all of one recording or stream. At least the samples
/// that they need must be on the device.
struct DeviceAudio {
  const std::int16_t* integers = nullptr;  ///< the samples, or null
  const float* floats = nullptr;           ///< the samples in [-1, 1], if there are no integers
  std::int64_t held_count = 0;             ///< how many samples are on the device
  std::int64_t first_held = 0;             ///< index in the recording of the first of these
  std::int64_t sample_count = 0;           ///< of the whole recording, or of the stream so far
  std::int64_t first_frame = 0;
  std::int64_t frame_count = 0;
  float* output = nullptr;  ///< [frame_count, dim], on the device
};

/// Computes log mel features of many recordings or streams at once where the backend works: the
/// values of FeatureExtractor within 1e-3.
///
/// Threads: used by one at a time, as its backend. Errors: DeviceError.
class DeviceFeatures {
 public:
  /// Errors: std::invalid_argument naming the option for one that FeatureExtractor refuses, for
  /// features other than log mel energies without energy, normalisation and deltas, and for frames
  /// longer than 2,048 samples.
  DeviceFeatures(Backend& backend, const FeatureOptions& options);

  /// Whether it can compute features of these options.
  static bool supports(const FeatureOptions& options);

  /// How many values a frame has.
  int dim() const { return tables_.filter_count; }

  /// A step of the backend's stream. Errors: std::invalid_argument for frames that need samples
  /// which are not held.
  void compute(Backend& backend, std::span<const DeviceAudio> audio);

 private:
  void check(const DeviceAudio& audio) const;

  log_mel::Tables tables_;
  bool mirrors_;
  DeviceBuffer<float> floats_;           ///< of the tables
  DeviceBuffer<std::int32_t> integers_;  ///< of the tables
};

}  // namespace harpy
