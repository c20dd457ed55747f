#pragma once

#include <atomic>
#include <cstdint>

#include "service/recognizer/atomic_histogram.hpp"

namespace harpy {

/// What recognizers tell of their work, for whoever watches over them. Several may share it, such
/// as a recognizer and the one that replaces it. Threads: any.
struct RecognitionMetrics {
  /// From the arrival of a session's oldest waiting audio until a worker takes it, in seconds.
  AtomicHistogram queue_wait_s{kDurationBounds_s};
  /// From the arrival of a session's first audio to its first words, in seconds. This and the next
  /// two are of sessions that speak in real time.
  AtomicHistogram first_partial_latency_s{kDurationBounds_s};
  /// From the arrival of the last audio that is in it to a partial, in seconds.
  AtomicHistogram partial_latency_s{kDurationBounds_s};
  /// From the arrival of the last audio, or from the asking for the end, to a final, in seconds.
  AtomicHistogram final_latency_s{kDurationBounds_s};
  /// Time of a worker's turn for each second of audio in it.
  AtomicHistogram real_time_factor{kShareBounds};
  /// Sessions that a worker takes together.
  AtomicHistogram batch_size{kCountBounds};
  /// Tokens that are alive after a block of frames, of each session.
  AtomicHistogram active_tokens{kTokenBounds};
  /// Blocks after which the search held max-active tokens, so that tokens within the beam were
  /// dropped.
  std::atomic<std::uint64_t> reduced_beams = 0;
  std::atomic<double> audio_s = 0.0;        ///< recognised
  std::atomic<double> cpu_s = 0.0;          ///< time of the workers' threads for it
  std::atomic<double> network_cpu_s = 0.0;  ///< of it, for networks
  std::atomic<double> search_cpu_s = 0.0;   ///< of it, for searches
  /// Memory of the device that was in use when a worker last looked, once a second; 0 for the CPU.
  std::atomic<std::uint64_t> device_memory_bytes = 0;
  /// Devices that were lost and whose sessions the CPU took over.
  std::atomic<std::uint64_t> device_losses = 0;
};

}  // namespace harpy
