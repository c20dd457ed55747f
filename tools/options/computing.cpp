#include "tools/options/computing.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>

#include <CLI/CLI.hpp>

#include "service/recognizer/recognizer_options.hpp"

namespace harpy::tools {

void add_device_option(CLI::App& command, std::string& device) {
  command.add_option("--device", device, "Device that computes: cpu, cuda, cuda:N or auto");
}

void add_computing_options(CLI::App& command, ComputingOptions& options, bool trains) {
  add_device_option(command, options.device);
  if (trains) {
    command
        .add_option(
            "--precision", options.precision,
            "Precision of the factors of products: fp32, tf32 (rounded by CUDA devices only) or "
            "bf16; the lower ones are faster on a CUDA device, and bf16 is on a processor with "
            "AVX512_BF16")
        ->check(CLI::IsMember({"fp32", "tf32", "bf16"}));
  } else {
    command
        .add_option("--precision", options.precision,
                    "Precision of the factors of the network's products: fp32 or bf16, which is "
                    "faster on a CUDA device and on a processor with AVX512_BF16")
        ->check(CLI::IsMember({"fp32", "bf16"}));
  }
}

Computing choose_computing(const ComputingOptions& options) {
  DeviceChoice choice = choose_device(options.device);
  return {.device = choice.device,
          .precision = parse_precision(options.precision),
          .fallback_reason = std::move(choice.reason)};
}

void tell_fallback(const Computing& computing) {
  if (computing.fallback_reason.empty()) return;
  std::fprintf(stderr, "harpy: on the CPU: %s\n", computing.fallback_reason.c_str());
}

int thread_count(int asked) {
  return asked > 0 ? asked : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

RecognizerThreads recognizer_threads(const Device& device, int asked_sessions,
                                     std::size_t at_most) {
  constexpr int kMostReaders = 8;
  const bool is_on_gpu = device.kind != DeviceKind::kCpu;
  const int usual =
      is_on_gpu && asked_sessions == 0 ? kSessionsOnGpu : thread_count(asked_sessions);
  RecognizerThreads threads;
  threads.sessions = static_cast<int>(
      std::min(static_cast<std::size_t>(usual), std::max<std::size_t>(at_most, 1)));
  threads.workers = is_on_gpu ? thread_count(0) : threads.sessions;
  threads.readers = std::min({threads.sessions, thread_count(0), kMostReaders});
  return threads;
}

}  // namespace harpy::tools
