#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "acoustic/backend/device.hpp"
#include "acoustic/backend/precision.hpp"
#include "decoder/endpoint.hpp"
#include "service/recognizer/recognition_metrics.hpp"
#include "service/recognizer/steering_request.hpp"

namespace harpy {

/// Sessions that a GPU recognises at once, unless told otherwise.
inline constexpr int kSessionsOnGpu = 512;

struct RecognizerOptions {
  /// Where networks and searches run.
  Device device{};
  /// Precision of the network's products; see Precision.
  Precision precision = Precision::kFloat32;
  /// Threads that recognise; more than cores gain nothing. On the CPU as many sessions are
  /// recognised at the same time. For a GPU they do the host's part of the work.
  int worker_count = 1;
  /// Sessions that are worked for at once by a worker. On a GPU the blocks of half of them go
  /// through network and search together, while the host works for the other half. A larger number
  /// gives a GPU more to do at a time, but lets each session wait for the others. 0 means 1 on the
  /// CPU and kSessionsOnGpu on a GPU.
  int sessions_at_once = 0;
  /// Whether features are computed on the network's device, for all sessions that a worker has
  /// taken together. If unset: on a GPU, if DeviceFeatureBatch supports the model's features.
  std::optional<bool> device_features;
  /// Workers that take over on the CPU if the device is lost; 0: one a core.
  int fallback_worker_count = 0;
  /// Called by a worker that has lost its device, with the reason, before the CPU takes over.
  std::function<void(const std::string&)> on_device_lost;
  /// Seconds of audio that a session may hold unrecognised; a push beyond them is refused. A larger
  /// value means fewer refusals for senders that are faster than real time, and more memory.
  double max_pending_s = 30.0;
  /// Likewise in bytes, of which each sample takes four: what limits sessions of a high sample
  /// rate.
  std::size_t max_pending_bytes = std::size_t{16} << 20;
  /// Seconds of audio that a worker takes from one session before the next one has its turn. A
  /// smaller value is fairer and costs more switching.
  double turn_s = 2.0;
  /// Where the work is counted; none: in metrics of the recognizer's own.
  std::shared_ptr<RecognitionMetrics> metrics;
};

struct SessionOptions {
  /// The name of the model that recognises, where a server has several (recognizer_set.hpp); empty:
  /// the usual one. A recognizer does not look at it.
  std::string model = {};
  /// Sample rate of the samples that will be pushed; 4,000 to 192,000.
  double sample_rate_hz = 16000.0;
  /// Whether kPartial events are wanted; without them less is computed.
  bool partials = true;
  /// Whether long silences end an utterance. If not, the whole audio is one utterance, whose kFinal
  /// comes after finish.
  bool endpoints = true;
  /// When they do; each 0.1 to 3600 s. With the times that these are by default, a model that has
  /// endpoint rules of its own goes by them.
  EndpointTimes endpoint_times = {};
  /// Whether kSpeechStart events are wanted.
  bool speech_starts = false;
  /// Whether kProgress events are wanted. One comes after every turn of a worker, behind the other
  /// events of the samples that it counts.
  bool progress = false;
  /// A closed grammar. What is wrong with it and takes time to find out is told by a kError.
  SteeringRequest steering = {};
  /// Whether the words of kFinal events, and all that comes with them, are those of the lattice
  /// rescored with the model's larger n-gram model. Nothing is rescored where the model has none,
  /// or in a session with a closed grammar.
  bool rescoring = true;
  /// Whether the words of kFinal events have confidences. This and what follows needs a lattice,
  /// which makes a session cost 10 to 15 % more.
  bool confidences = false;
  /// At most so many alternatives of each kFinal; 0: none.
  int max_alternatives = 0;
  /// Whether kFinal events have the lattice of word sequences, and the search's raw lattice.
  bool lattice = false;
  bool raw_lattice = false;
  /// Whether the words of kFinal events have their phones. This needs no lattice.
  bool phones = false;
  /// Whether kFinal events have the written form beside the words, which stay as they are. If the
  /// model's language has none, a kError tells so.
  bool written = false;

  bool needs_lattice() const {
    return confidences || max_alternatives > 0 || lattice || raw_lattice;
  }
};

}  // namespace harpy
