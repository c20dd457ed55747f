#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "acoustic/acoustic_batch.hpp"
#include "decoder/search/beam_search.hpp"
#include "service/recognizer/host_threads.hpp"
#include "service/recognizer/model_package.hpp"
#include "service/recognizer/recognizer_options.hpp"

namespace harpy {

/// What is needed to recognise any session on one device: a backend, and the objects that run
/// network and search on it. It holds nothing of any session.
///
/// On the CPU a worker has one thread. On a GPU it has two, which take turns at the device: while
/// it works for the sessions of one, the other does the host's part for its own, in which all
/// `host_threads` help.
struct RecognizerWorker {
  /// The package must have been loaded for the device of the options, which have metrics.
  RecognizerWorker(std::shared_ptr<const ModelPackage> package, const RecognizerOptions& options);

  std::shared_ptr<const ModelPackage> model;
  /// Whether the device computes features for sessions; otherwise the host does so for each.
  bool has_device_features;
  HostThreads host_threads;
  std::shared_ptr<RecognitionMetrics> metrics;
  std::atomic<bool> is_lost = false;  ///< the device: nothing can be recognised on it any more

  /// Hold it to use the members below, except where a member says that any thread may use it.
  std::mutex device;
  std::unique_ptr<Backend> backend;
  AcousticBatch network;
  std::unique_ptr<BeamSearch> search;
  std::chrono::steady_clock::time_point looked_at_memory;  ///< of the device, for the metrics
};

}  // namespace harpy
