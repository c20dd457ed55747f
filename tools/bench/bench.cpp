#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>
#include <CLI/CLI.hpp>

#include "service/server/listener_text.hpp"
#include "service/server/server.hpp"
#include "tools/bench/stream_capacity.hpp"
#include "tools/bench/stream_load.hpp"
#include "tools/model/served_models.hpp"
#include "tools/options/commands.hpp"
#include "tools/options/computing.hpp"

namespace harpy::tools {

namespace {

constexpr int kMostStreams = 4096;
constexpr double kServedShare = 1e9;  ///< of the workers' time: no stream is refused for its cost
constexpr double kMillisecondsPerSecondOfAudio = 1000.0;
constexpr double kWorstPercent = 99.0;

struct BenchServeOptions {
  std::vector<std::filesystem::path> recordings;
  std::string server;
  std::vector<std::string> models;  ///< one or none
  int worker_count = 0;
  ComputingOptions computing;
  double seconds = 30.0;
  double frame_ms = 100.0;
  double limit_ms = 500.0;
  int most = 1024;
};

/// A server of this process, with no limits but its speed.
class OwnServer {
 public:
  explicit OwnServer(const BenchServeOptions& options) {
    const Computing computing = choose_computing(options.computing);
    RecognizerOptions recognizer{.device = computing.device,
                                 .precision = computing.precision,
                                 .worker_count = options.worker_count,
                                 .max_pending_s = 10.0,
                                 .turn_s = 0.5};
    if (recognizer.worker_count == 0) {
      recognizer.worker_count = recognizer_threads(computing.device, 0).workers;
    }
    worker_count_ = recognizer.worker_count;
    recognizers_ = make_recognizers(choose_served_models(options.models), {}, recognizer);
    ServerOptions server;
    server.listeners = {{.where = {.address = "127.0.0.1", .port = 0}}};
    server.limits.max_sessions = kMostStreams;
    server.limits.max_sessions_per_address = kMostStreams;
    server.limits.max_connections = kMostStreams;
    server.limits.max_connections_per_address = kMostStreams;
    server.limits.max_load = kServedShare;
    server.limits.requests_per_s = kMostStreams;
    server.log =
        std::make_shared<spdlog::logger>("harpy", std::make_shared<spdlog::sinks::null_sink_mt>());
    server_ = std::make_unique<Server>(server);
    thread_ = std::jthread([this] { server_->run(recognizers_); });
  }
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;
  ~OwnServer() { server_->stop(); }

  ServerAddress address() const { return {.address = "127.0.0.1", .port = server_->port()}; }
  RecognizerLoad load() const { return recognizers_.first().load(); }
  int worker_count() const { return worker_count_; }

 private:
  int worker_count_ = 1;
  RecognizerSet recognizers_;
  std::unique_ptr<Server> server_;
  std::jthread thread_;
};

/// Whether so many streams are served in time; prints what they measured.
bool holds(const StreamLoad& load, const std::vector<LoadRecording>& recordings, double limit_ms) {
  StreamLatencies latencies = run_stream_load(load, recordings);
  const double worst_ms = percentile_of(latencies.finals_ms, kWorstPercent);
  std::printf("%5d streams: finals p50 %.0f, p99 %.0f ms; partials p99 %.0f ms", load.client_count,
              percentile_of(latencies.finals_ms, 50.0), worst_ms,
              percentile_of(latencies.partials_ms, kWorstPercent));
  if (!latencies.failures.empty()) {
    std::printf("; %zu failed: %s", latencies.failures.size(), latencies.failures[0].c_str());
  }
  std::printf("\n");
  std::fflush(stdout);
  return latencies.failures.empty() && !latencies.finals_ms.empty() && worst_ms <= limit_ms;
}

void bench_serve(const BenchServeOptions& options) {
  std::vector<LoadRecording> recordings;
  for (const std::filesystem::path& path : options.recordings) {
    recordings.push_back(read_load_recording(path));
    if (recordings.back().samples.empty()) {
      throw std::runtime_error(path.string() + ": expected sound");
    }
  }
  std::optional<OwnServer> own;
  StreamLoad load{.frame_s = options.frame_ms / kMillisecondsPerSecondOfAudio,
                  .least_s = options.seconds};
  if (options.server.empty()) {
    load.server = own.emplace(options).address();
  } else {
    const ListenAddress where = parse_listener(options.server).where;
    load.server = {.address = where.address, .port = where.port};
  }
  const int streams = find_stream_capacity(options.most, [&](int count) {
    load.client_count = count;
    return holds(load, recordings, options.limit_ms);
  });
  std::printf("%d streams fit: with them the 99th percentile of finals is within %.0f ms\n",
              streams, options.limit_ms);
  if (!own) return;
  const RecognizerLoad cost = own->load();
  if (cost.audio_s <= 0.0) return;
  std::printf("%.4f s of CPU per second of audio, recognition alone, on %d workers\n",
              cost.cpu_s / cost.audio_s, own->worker_count());
  if (cost.real_time_streams) {
    std::printf("harpy serve would take %.0f sessions (--max-load 0.8)\n",
                ServerLimits{}.max_load * *cost.real_time_streams);
  }
}

}  // namespace

void add_bench_command(CLI::App& program) {
  CLI::App* const command = program.add_subcommand("bench", "Measure what this machine can do");
  command->require_subcommand(1);
  auto options = std::make_shared<BenchServeOptions>();
  CLI::App* const serve = command->add_subcommand(
      "serve",
      "Find out how many streams fit on this machine: speak in real time to a server, in ever more "
      "streams, until the slowest finals come too late");
  serve
      ->add_option("recordings", options->recordings,
                   "Recordings of speech, which the streams repeat, each from another one on")
      ->required()
      ->check(CLI::ExistingFile);
  serve->add_option("--server", options->server,
                    "ADDRESS:PORT of a server that runs, in Vosk's protocol; without it, one in "
                    "this process");
  serve
      ->add_option("--model", options->models,
                   "Model package of the server in this process; without it the default model")
      ->expected(1);
  serve
      ->add_option("--workers", options->worker_count,
                   "Threads that recognise in the server in this process; 0: as many as the "
                   "machine has cores")
      ->check(CLI::Range(0, 1024));
  add_computing_options(*serve, options->computing, false);
  serve
      ->add_option("--seconds", options->seconds,
                   "How long each number of streams is tried; each stream speaks all recordings at "
                   "least once")
      ->check(CLI::Range(0.0, 86400.0));
  serve->add_option("--frame", options->frame_ms, "Length of the audio in a message, in ms")
      ->check(CLI::Range(1.0, 10000.0));
  serve
      ->add_option("--limit", options->limit_ms,
                   "Latest time for 99 of 100 finals, from the moment their last audio was due, in "
                   "ms")
      ->check(CLI::Range(1.0, 60000.0));
  serve->add_option("--most", options->most, "Most streams that are tried")
      ->check(CLI::Range(1, kMostStreams));
  serve->callback([options] { bench_serve(*options); });
}

}  // namespace harpy::tools
