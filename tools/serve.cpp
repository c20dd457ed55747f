#include <filesystem>
#include <memory>
#include <string>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include "service/server/server.hpp"
#include "tools/commands.hpp"
#include "tools/computing.hpp"
#include "tools/endpoint_options.hpp"
#include "tools/model/model_choice.hpp"
#include "tools/rescoring_options.hpp"

namespace harpy::tools {

namespace {

constexpr double kMaxTimeoutS = 1e6;

struct ServeOptions {
  std::filesystem::path model;
  ServerOptions server;
  RecognizerOptions recognizer{
      .device = {}, .precision = {}, .worker_count = 0, .max_pending_s = 10.0, .turn_s = 0.5};
  ComputingOptions computing;
  SearchOverrides search;
  double idle_timeout_s = 30.0;
  double drain_timeout_s = 30.0;
};

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000.0));
}

void serve(ServeOptions options) {
  options.server.log = spdlog::stderr_logger_mt("harpy");
  options.server.log->flush_on(spdlog::level::info);
  options.server.limits.idle_timeout = milliseconds(options.idle_timeout_s);
  options.server.limits.drain_timeout = milliseconds(options.drain_timeout_s);
  RecognizerOptions& recognizer_options = options.recognizer;
  const ModelChoice model_choice = choose_model(options.model);
  tell_model(model_choice);
  const Computing computing = choose_computing(options.computing);
  recognizer_options.device = computing.device;
  recognizer_options.precision = computing.precision;
  if (!computing.fallback_reason.empty()) {
    options.server.log->warn("on the CPU: {}", computing.fallback_reason);
  }
  if (recognizer_options.worker_count == 0) {
    recognizer_options.worker_count = recognizer_threads(computing.device, 0).workers;
  }
  recognizer_options.on_device_lost = [log = options.server.log](const std::string& reason) {
    log->error("the device is lost, its sessions end, the CPU takes over: {}", reason);
  };
  const auto backend = create_backend(
      {.device = recognizer_options.device, .precision = recognizer_options.precision});
  const auto model = ModelPackage::load(*backend, model_choice.folder, options.search);
  Recognizer recognizer(model, recognizer_options);
  Server server(recognizer, options.server);
  server.drain_on_signals();
  options.server.log->info("harpy " HARPY_VERSION ": model {} {}, {} workers",
                           model->description().name, model->description().version,
                           recognizer_options.worker_count);
  server.run();
}

void add_vosk_options(CLI::App& command, VoskSettings& vosk) {
  command
      .add_option("--sample-rate", vosk.sample_rate_hz,
                  "Sample rate of clients that do not say theirs, in Hz")
      ->check(CLI::Range(4000.0, 192000.0))
      ->envname("VOSK_SAMPLE_RATE");
  command
      .add_flag("--words,!--no-words", vosk.words,
                "Give word times to clients that do not say whether they want them")
      ->envname("VOSK_SHOW_WORDS");
  command
      .add_option(
          "--max-alternatives", vosk.max_alternatives,
          "Above 0, results have the form of n-best lists for clients that do not say how many "
          "alternatives they want; 0: they have the plain form")
      ->check(CLI::Range(0, 100))
      ->envname("VOSK_ALTERNATIVES");
}

void add_limit_options(CLI::App& command, ServeOptions& options) {
  ServerLimits& limits = options.server.limits;
  command
      .add_option("--max-sessions", limits.max_sessions,
                  "Speech sessions at once; more are refused with status 503")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--max-connections", limits.max_connections, "Connections of any kind at once")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--max-message-bytes", limits.max_message_bytes,
                  "Longest message that a client may send")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--idle-timeout", options.idle_timeout_s,
                  "Seconds after which a silent client is closed")
      ->check(CLI::Range(0.001, kMaxTimeoutS));
  command
      .add_option("--drain-timeout", options.drain_timeout_s,
                  "Seconds that running sessions have after SIGTERM")
      ->check(CLI::Range(0.0, kMaxTimeoutS));
  command
      .add_option("--max-pending", options.recognizer.max_pending_s,
                  "Seconds of audio that a session may be ahead of its recognition")
      ->check(CLI::PositiveNumber);
}

}  // namespace

void add_serve_command(CLI::App& program) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command =
      program.add_subcommand("serve", "Recognise live speech over WebSocket (Vosk's protocol)");
  command
      ->add_option("--model", options->model,
                   "Model package (a folder); without it the default model, of the installation or "
                   "of the checkout that the program was built in")
      ->envname("HARPY_MODEL");
  command
      ->add_option("--address", options->server.address,
                   "Address or name of the interface to listen on; 0.0.0.0 or :: for all")
      ->envname("VOSK_SERVER_INTERFACE");
  command->add_option("--port", options->server.port, "Port for WebSocket and HTTP; 0: a free one")
      ->envname("VOSK_SERVER_PORT");
  command
      ->add_option("--workers", options->recognizer.worker_count,
                   "Threads that recognise; 0: as many as the machine has cores, 1 on a GPU")
      ->check(CLI::NonNegativeNumber)
      ->envname("VOSK_SERVER_THREADS");
  add_vosk_options(*command, options->server.vosk);
  add_endpoint_options(*command, options->server.vosk.endpoint_times);
  add_rescoring_options(*command, options->search.rescoring);
  add_limit_options(*command, *options);
  add_computing_options(*command, options->computing, false);
  command->add_option("--beam", options->search.beam,
                      "Search beam, in nats; model's value if not given");
  command->add_option("--max-active", options->search.max_active,
                      "Most tokens a frame; model's value if not given");
  command->callback([options] { serve(*options); });
}

}  // namespace harpy::tools
