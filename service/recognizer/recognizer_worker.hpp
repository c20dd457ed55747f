#pragma once

#include <memory>
#include <optional>

#include "acoustic/acoustic_batch.hpp"
#include "decoder/search/beam_search.hpp"
#include "frontend/device_feature_batch.hpp"
#include "service/recognizer/model_package.hpp"
#include "service/recognizer/recognizer_options.hpp"

namespace harpy {

/// What one worker thread needs to recognise any session: a backend, and what runs features,
/// network and search on it.
struct RecognizerWorker {
  /// The package is one loaded for the device of the options.
  RecognizerWorker(std::shared_ptr<const ModelPackage> package, const RecognizerOptions& options);

  std::shared_ptr<const ModelPackage> model;
  std::unique_ptr<Backend> backend;
  std::optional<DeviceFeatureBatch> features;  ///< none: each stream computes its own on the host
  AcousticBatch network;
  std::unique_ptr<BeamSearch> search;
};

}  // namespace harpy
