// The recogniser end to end on a device, without a server:
//   recognizer_bench MODEL DEVICE PRECISION offline SESSIONS RECORDING...
//   recognizer_bench MODEL DEVICE PRECISION paced SESSIONS SECONDS RECORDING...
// Recordings are in memory. Offline: SESSIONS are open at once, each takes a recording as fast as
// it can and is followed by another one, two minutes of audio for each. Paced: SESSIONS hear the
// recordings in frames of 100 ms in real time, for SECONDS after a start that does not count.
// Prints percentiles, in milliseconds, of
//   frame: from the moment a frame was due until it is worked off,
//   partial, word: from a word's end to the first event with so many words, with the word as the
//                  result has it (see serve_bench),
//   lag: from the moment a frame was due until it had been pushed, which is part of the others.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "service/recognizer/recognizer.hpp"
#include "tests/bench/loads.hpp"
#include "tests/bench/recording_samples.hpp"

namespace harpy::bench {
namespace {

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::unique_ptr<Recognizer> make_recognizer(const char* folder, const BackendOptions& options) {
  const auto backend = create_backend(options);
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return std::make_unique<Recognizer>(ModelPackage::load(*backend, folder),
                                      RecognizerOptions{.device = options.device,
                                                        .precision = options.precision,
                                                        .worker_count = cores,
                                                        .on_device_lost = {}});
}

void run(std::span<char* const> arguments) {
  constexpr const char* kUsage =
      "usage: recognizer_bench MODEL DEVICE PRECISION (offline SESSIONS | paced SESSIONS SECONDS) "
      "RECORDING...";
  if (arguments.size() < 6) throw std::invalid_argument(kUsage);
  const std::string_view mode = arguments[3];
  const bool is_paced = mode == "paced";
  const std::size_t first_recording = is_paced ? 6 : 5;
  const auto session_count = static_cast<std::size_t>(std::stoul(arguments[4]));
  if ((!is_paced && mode != "offline") || session_count == 0 ||
      arguments.size() <= first_recording) {
    throw std::invalid_argument(kUsage);
  }
  auto recognizer = make_recognizer(arguments[0], {.device = parse_device(arguments[1]),
                                                   .precision = parse_precision(arguments[2])});
  Recordings recordings;
  for (const char* const path : arguments.subspan(first_recording)) {
    recordings.push_back(recording_samples(path, recognizer->model().features()->sample_rate_hz()));
  }
  if (is_paced) {
    run_paced(std::move(recognizer), recordings,
              {.session_count = session_count, .duration_s = std::stod(arguments[5])});
  } else {
    run_offline(*recognizer, recordings, session_count);
  }
}

}  // namespace

double process_cpu_s() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }
double thread_cpu_s() { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace harpy::bench

int main(int argument_count, char** arguments) {
  try {
    harpy::bench::run(std::span(arguments + 1, arguments + argument_count));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "recognizer_bench: error: %s\n", error.what());
    return 1;
  }
  return 0;
}
