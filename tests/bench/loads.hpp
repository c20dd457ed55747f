#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "service/recognizer/recognizer.hpp"

namespace harpy::bench {

/// Recordings in memory, at the model's rate.
using Recordings = std::vector<std::vector<float>>;

/// Processor seconds that all threads of the process have used.
double process_cpu_s();
/// Processor seconds that the calling thread has used.
double thread_cpu_s();

/// Pushes recordings, each a session of its own, as fast as they are taken, with so many sessions
/// open at once, and prints the speed.
void run_offline(Recognizer& recognizer, const Recordings& recordings, std::size_t session_count);

struct PacedOptions {
  std::size_t session_count = 1;
  /// Measured; some seconds before, in which sessions begin, do not count.
  double duration_s = 20.0;
};

/// Pushes recordings one after another into so many sessions in real time, and prints percentiles
/// of how long frames and words take. Each session begins a little later than the one before.
void run_paced(std::unique_ptr<Recognizer> recognizer, const Recordings& recordings,
               const PacedOptions& options);

}  // namespace harpy::bench
