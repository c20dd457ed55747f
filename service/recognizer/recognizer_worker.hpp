#pragma once

#include <memory>
#include <optional>

#include "acoustic/acoustic_batch.hpp"
#include "decoder/search/beam_search.hpp"
#include "frontend/device_feature_batch.hpp"
#include "service/recognizer/model_package.hpp"
#include "service/recognizer/recognizer_options.hpp"

namespace harpy {

/// What one worker thread needs to recognise any session: a backend of its own, and the objects
/// that run features, network and search on it. It holds nothing of any session. Threads: the
/// worker's.
struct RecognizerWorker {
  /// The package must have been loaded for the device of the options.
  RecognizerWorker(std::shared_ptr<const ModelPackage> package, const RecognizerOptions& options);

  std::shared_ptr<const ModelPackage> model;
  std::unique_ptr<Backend> backend;
  std::optional<DeviceFeatureBatch> features;  ///< none: each session's are computed on the host
  AcousticBatch network;
  std::unique_ptr<BeamSearch> search;
};

}  // namespace harpy
