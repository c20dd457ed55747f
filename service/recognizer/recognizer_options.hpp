#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "acoustic/backend/device.hpp"
#include "acoustic/backend/precision.hpp"

namespace harpy {

/// Sessions that a GPU recognises at once, unless told otherwise.
inline constexpr int kSessionsOnGpu = 512;

struct RecognizerOptions {
  /// Where networks and searches run.
  Device device{};
  /// Of the network's products; see Precision.
  Precision precision = Precision::kFloat32;
  /// Threads that recognise. More: more sessions at once, up to the cores. A GPU has one, since
  /// what a session has on the device stays with the worker's backend.
  int worker_count = 1;
  /// Sessions that a worker takes at once and whose blocks are searched together. More: a GPU has
  /// more to do at a time, but a session waits for the others. 0: 1 on the CPU, kSessionsOnGpu
  /// on a GPU.
  int sessions_at_once = 0;
  /// Whether features are computed where the network runs, for all sessions that a worker has taken
  /// at once. Unset: on a GPU, for features that DeviceFeatureBatch supports.
  std::optional<bool> device_features;
  /// Workers that take over on the CPU if the device is lost; 0: one a core.
  int fallback_worker_count = 0;
  /// Told by a worker why the CPU takes over, before it does.
  std::function<void(const std::string&)> on_device_lost;
  /// Audio a session may hold that is not yet recognised; a push beyond it is refused. Larger:
  /// fewer refusals for senders faster than real time, more memory.
  double max_pending_s = 30.0;
  /// Audio a worker takes from one session before the next one has its turn. Smaller: fairer, more
  /// switching.
  double turn_s = 2.0;
};

struct SessionOptions {
  /// Of the samples that will be pushed; 4,000 to 192,000.
  double sample_rate_hz = 16000.0;
  /// Whether kPartial events are wanted; without them less is computed.
  bool partials = true;
  /// Whether long silences end an utterance; without them there is one utterance, settled by
  /// finish.
  bool endpoints = true;
  /// Whether kProgress events are wanted: after every turn of a worker, behind the events of the
  /// samples that it counts.
  bool progress = false;
};

}  // namespace harpy
