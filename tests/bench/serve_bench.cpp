// Real-time clients against a running harpy serve:
//   serve_bench PORT CLIENTS FRAME_MS RECORDING…
// Each client streams the recordings one after another in real time, in lockstep, and starts a
// little later than the one before (tools/bench/stream_load.hpp). Prints percentiles, in
// milliseconds, of
//   reply: from the moment a frame was due to its reply,
//   final: the same, of replies that settle words,
//   partial: from the moment a word's last sample was due to the first reply with so many words,
//   word: to the first reply that shows the word as the result has it, which needs the words behind
//         it where they decide between likely ones.
// `harpy bench serve` answers how many streams fit.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/bench/measurement.hpp"
#include "tools/bench/stream_load.hpp"

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: serve_bench PORT CLIENTS FRAME_MS RECORDING...\n");
    return 2;
  }
  const harpy::tools::StreamLoad load{
      .server = {.address = "127.0.0.1", .port = static_cast<std::uint16_t>(std::atoi(argv[1]))},
      .client_count = std::atoi(argv[2]),
      .frame_s = std::atof(argv[3]) / 1000.0};
  std::vector<harpy::tools::LoadRecording> recordings;
  for (int index = 4; index < argc; ++index) {
    recordings.push_back(harpy::tools::read_load_recording(argv[index]));
  }
  harpy::tools::StreamLatencies latencies = harpy::tools::run_stream_load(load, recordings);
  for (const std::string& failure : latencies.failures) {
    std::fprintf(stderr, "%s\n", failure.c_str());
  }
  harpy::bench::print_percentiles("reply", latencies.replies_ms);
  harpy::bench::print_percentiles("final", latencies.finals_ms);
  if (latencies.words_ms.empty()) return latencies.failures.empty() ? 0 : 1;
  harpy::bench::print_percentiles("partial", latencies.partials_ms);
  harpy::bench::print_percentiles("word", latencies.words_ms);
  return latencies.failures.empty() ? 0 : 1;
}
