#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <spdlog/logger.h>
#include <CLI/CLI.hpp>

#include "frontend/audio/readable_files.hpp"
#include "service/recognizer/recognizer_generations.hpp"
#include "service/server/background_log_sink.hpp"
#include "service/server/heap_trimmer.hpp"
#include "service/server/json_log.hpp"
#include "service/server/listener_text.hpp"
#include "service/server/server.hpp"
#include "tools/model/served_models.hpp"
#include "tools/options/commands.hpp"
#include "tools/options/computing.hpp"
#include "tools/options/endpoint_options.hpp"
#include "tools/options/rescoring_options.hpp"
#include "tools/options/search_options.hpp"
#include "tools/serve/decoding_program.hpp"

namespace harpy::tools {

namespace {

constexpr double kMaxTimeoutS = 1e6;
constexpr int kMostOfAnything = 1'000'000;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;
constexpr std::size_t kMostUploadBytes = std::size_t{1} << 40;
/// The admin listener's port is so far behind the other one, unless it is given.
constexpr int kAdminPortDistance = 1000;

struct ServeOptions {
  std::vector<std::string> models;
  ServerOptions server;
  ListenAddress main{.address = "127.0.0.1", .port = 2700};
  TlsFiles tls;
  bool logs_json = false;
  std::vector<std::string> listeners;
  std::filesystem::path listener_file;
  ListenAddress admin;
  std::optional<std::uint16_t> admin_port;
  std::optional<std::uint16_t> agent_port;
  RecognizerOptions recognizer{.device = {},
                               .precision = {},
                               .worker_count = 0,
                               .max_pending_s = 10.0,
                               .max_pending_bytes = std::size_t{640} << 10,
                               .turn_s = 0.5};
  ComputingOptions computing;
  SearchOverrides search;
  double idle_timeout_s = 30.0;
  double silence_timeout_s = 300.0;
  double session_timeout_s = 86400.0;
  double drain_timeout_s = 30.0;
  double finish_timeout_s = 120.0;
};

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000.0));
}

/// The port of the admin listener: the one that was asked for, else one that follows from the port
/// for speech, so that several servers of a machine do not need the same.
std::uint16_t admin_port(const ServeOptions& options) {
  if (options.admin_port) return *options.admin_port;
  const int port = options.main.port;
  if (port == 0) return 0;
  if (port + kAdminPortDistance > std::numeric_limits<std::uint16_t>::max()) {
    throw std::invalid_argument("with --port " + std::to_string(port) +
                                ", --admin-port must be given too");
  }
  return static_cast<std::uint16_t>(port + kAdminPortDistance);
}

/// What the server needs of the options, which were parsed one by one.
ServerOptions server_options(const ServeOptions& options) {
  ServerOptions server = options.server;
  server.listeners = {{.where = options.main}};
  if (!options.tls.certificate.empty() || !options.tls.key.empty()) {
    if (options.tls.certificate.empty() || options.tls.key.empty()) {
      throw std::invalid_argument("expected --tls-certificate and --tls-key together");
    }
    server.listeners.front().tls = options.tls;
  }
  for (const std::string& text : options.listeners) {
    server.listeners.push_back(parse_listener(text));
  }
  if (!options.listener_file.empty()) {
    const std::vector<ListenerOptions> listed = read_listeners(options.listener_file);
    server.listeners.insert(server.listeners.end(), listed.begin(), listed.end());
  }
  server.admin = options.admin;
  server.admin->port = admin_port(options);
  if (options.agent_port) {
    server.agent = {.address = options.admin.address, .port = *options.agent_port};
  }
  server.limits.idle_timeout = milliseconds(options.idle_timeout_s);
  server.limits.silence_timeout = milliseconds(options.silence_timeout_s);
  server.limits.session_timeout = milliseconds(options.session_timeout_s);
  server.limits.drain_timeout = milliseconds(options.drain_timeout_s);
  server.limits.finish_timeout = milliseconds(options.finish_timeout_s);
  return server;
}

/// Where and with how many threads the recognizer works; tells the log where "auto" did not help.
RecognizerOptions recognizer_options(const ServeOptions& options,
                                     const std::shared_ptr<spdlog::logger>& log) {
  RecognizerOptions recognizer = options.recognizer;
  const Computing computing = choose_computing(options.computing);
  recognizer.device = computing.device;
  recognizer.precision = computing.precision;
  if (!computing.fallback_reason.empty()) {
    log->warn("on the CPU: {}", computing.fallback_reason);
  }
  if (recognizer.worker_count == 0) {
    recognizer.worker_count = recognizer_threads(computing.device, 0).workers;
  }
  recognizer.metrics = std::make_shared<RecognitionMetrics>();
  recognizer.on_device_lost = [log](const std::string& reason) {
    log->error("the device is lost, its sessions end, the CPU takes over: {}", reason);
  };
  return recognizer;
}

RecognizerSet load_models(const std::vector<ServedModelChoice>& models,
                          const SearchOverrides& search, const RecognizerOptions& options,
                          spdlog::logger& log) {
  RecognizerSet recognizers = make_recognizers(models, search, options);
  for (const NamedRecognizer& item : recognizers.named()) {
    log.info("harpy " HARPY_VERSION ": model {} {}, {} workers", item.name,
             item.recognizer->model().description().version, options.worker_count);
  }
  return recognizers;
}

void reload_credentials(Server& server, spdlog::logger& log) {
  try {
    server.reload_credentials();
  } catch (const std::exception& error) {
    log.error("keys and certificates cannot be reloaded, the old ones stay: {}", error.what());
  }
}

/// What decodes recordings that are uploaded; tells the log what it lacks.
std::string decoding_program(spdlog::logger& log) {
  const auto program = find_decoding_program();
  if (!program) {
    log.warn(
        "no recordings can be uploaded: harpy-audio-decoder is neither beside harpy nor in its "
        "installation");
    return "";
  }
  if (!ReadableFiles::can_be_confined()) {
    log.warn(
        "this kernel has no Landlock (Linux 5.13): ffmpeg could read other files than uploads");
  }
  return program->string();
}

/// How often memory that was freed goes back to the system.
constexpr std::chrono::seconds kTrimInterval{10};

void serve(const ServeOptions& options) {
  const HeapTrimmer trimmer(kTrimInterval);
  // Whoever reads the log may go away without taking the server along.
  std::signal(SIGPIPE, SIG_IGN);
  const auto sink = std::make_shared<BackgroundLogSink>(STDERR_FILENO, BackgroundLogOptions{});
  if (options.logs_json) sink->set_formatter(std::make_unique<JsonLogFormatter>());
  const auto log = std::make_shared<spdlog::logger>("harpy", sink);
  ServerOptions server_settings = server_options(options);
  server_settings.log = log;
  server_settings.decoding_program = decoding_program(*log);
  RecognizerGenerations* reloaded = nullptr;
  server_settings.on_reload = [&reloaded] { reloaded->renew(); };
  Server server(server_settings);

  const std::vector<ServedModelChoice> models = choose_served_models(options.models);
  const RecognizerOptions recognizer = recognizer_options(options, log);
  RecognizerGenerations generations(
      {.make =
           [&, is_first = true]() mutable {
             if (!std::exchange(is_first, false)) reload_credentials(server, *log);
             return load_models(models, options.search, recognizer, *log);
           },
       .use =
           [&](const RecognizerSet& next) {
             server.replace(next);
             log->info("the models are reloaded; sessions that run keep the old ones");
           },
       .failed =
           [&](const std::string& reason) {
             log->error("the models cannot be reloaded, the old ones stay: {}", reason);
           }});
  reloaded = &generations;
  server.follow_signals();
  server.run(generations.take_first());
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

void add_listener_options(CLI::App& command, ServeOptions& options) {
  command
      .add_option("--address", options.main.address,
                  "Address or name of the interface to listen on; 0.0.0.0 or :: for all")
      ->envname("VOSK_SERVER_INTERFACE");
  command.add_option("--port", options.main.port, "Port for WebSocket and HTTP; 0: a free one")
      ->envname("VOSK_SERVER_PORT");
  command
      .add_option("--tls-certificate", options.tls.certificate,
                  "File with the certificate for --port in PEM, and those that vouch for it behind "
                  "it: then only TLS is spoken there")
      ->envname("VOSK_CERT_FILE");
  command.add_option("--tls-key", options.tls.key, "File with its private key in PEM")
      ->envname("VOSK_KEY_FILE");
  command.add_option("--listen", options.listeners,
                     "One more listener: ADDRESS:PORT, and behind it, with commas before each, "
                     "protocols=NAME+NAME, model=NAME, sample-rate=HZ, max-sessions=N, "
                     "max-connections=N, keys=off, proxy-protocol=on, "
                     "tls-certificate=FILE, tls-key=FILE; may be given several times");
  command.add_option("--listeners", options.listener_file,
                     "File with such a listener on each line");
  command.add_option("--admin-address", options.admin.address,
                     "Address or name of the interface for health, status and metrics, which have "
                     "connections of their own there");
  command.add_option("--admin-port", options.admin_port,
                     "Port for health, status and metrics; 0: a free one; if not given, 1000 more "
                     "than --port");
  command.add_option("--agent-port", options.agent_port,
                     "Port of --admin-address at which HAProxy's agent checks learn how much is "
                     "free; 0: a free one; if not given, none");
  command.add_option("--api-keys", options.server.api_keys,
                     "File of the keys that clients need, a line each: NAME,sha256=DIGEST, and "
                     "behind it, with commas before each, max-sessions=N, requests-per-second=N");
  command.add_option("--trust-proxy", options.server.trusted_proxies,
                     "Address of a proxy, or a network such as 10.0.0.0/8, whose X-Forwarded-For "
                     "tells whose a request is; may be given several times");
  command.add_flag("--json-log", options.logs_json,
                   "Write each log line as a JSON object, with the names of session and request");
  command.add_option("--allow-origin", options.server.access.origins,
                     "Origin of web pages that may connect, such as https://example.org, besides "
                     "the server's own; may be given several times; *: every page");
  command.add_option("--allow-host", options.server.access.hosts,
                     "Name by which clients may call the server, such as speech.example.org, "
                     "besides localhost and addresses; may be given several times; *: every name");
}

void add_limit_options(CLI::App& command, ServeOptions& options) {
  ServerLimits& limits = options.server.limits;
  const CLI::Range count(1, kMostOfAnything);
  const CLI::Range bytes(std::size_t{1}, kMostBytes);
  const CLI::Range seconds(0.001, kMaxTimeoutS);
  command
      .add_option("--max-sessions", limits.max_sessions,
                  "Speech sessions at once; more are refused with status 503")
      ->check(count);
  command
      .add_option(
          "--max-sessions-per-address", limits.max_sessions_per_address,
          "Speech sessions at once of one client address; more are refused with status 429. "
          "Behind a proxy all clients have its address")
      ->check(count);
  command
      .add_option("--max-load", limits.max_load,
                  "Share of the workers' time that sessions may need, by what recognition has cost "
                  "so far; more sessions are refused with status 503. Above 1, replies come late "
                  "when all speak")
      ->check(CLI::Range(0.01, 1000.0));
  command
      .add_option("--max-connections", limits.max_connections, "Connections of any kind at once")
      ->check(count);
  command
      .add_option("--max-connections-per-address", limits.max_connections_per_address,
                  "Connections at once of one client address; more are refused with status 429")
      ->check(count);
  command
      .add_option(
          "--max-requests", limits.requests_per_s,
          "Requests a second of one client address for sessions and to protocols over HTTP, "
          "ten times as many at once; more are refused with status 429")
      ->check(CLI::Range(0.001, 1e6));
  command
      .add_option("--max-uploads", limits.max_uploads,
                  "Recordings that may be uploaded at once, each decoded by a process of its own; "
                  "more are refused with status 503")
      ->check(count);
  command
      .add_option("--max-upload-bytes", limits.max_upload_bytes,
                  "Longest recording that may be uploaded, in bytes; a longer one is refused with "
                  "status 413")
      ->check(CLI::Range(std::size_t{1}, kMostUploadBytes));
  command
      .add_option("--max-upload-length", limits.max_upload_s,
                  "Longest recording that may be uploaded, in seconds of sound; a longer one is "
                  "refused with status 413")
      ->check(seconds);
  command
      .add_option("--max-message-bytes", limits.max_message_bytes,
                  "Longest message that a client may send")
      ->check(bytes);
  command
      .add_option("--max-text-bytes", limits.max_text_bytes,
                  "Longest message that is no audio, such as a config")
      ->check(bytes);
  command
      .add_option("--max-pending", options.recognizer.max_pending_s,
                  "Seconds of audio that a session may be ahead of its recognition")
      ->check(CLI::Range(0.001, 3600.0));
  command
      .add_option("--max-pending-bytes", options.recognizer.max_pending_bytes,
                  "Likewise in bytes, of which each sample takes four: the limit for sample rates "
                  "over 16 kHz")
      ->check(CLI::Range(std::size_t{1} << 10, kMostBytes));
  command
      .add_option("--idle-timeout", options.idle_timeout_s,
                  "Seconds after which a silent client is closed")
      ->check(seconds);
  command
      .add_option("--silence-timeout", options.silence_timeout_s,
                  "Seconds after which a client is closed that sends no audio, whatever else it "
                  "sends")
      ->check(seconds);
  command
      .add_option("--session-timeout", options.session_timeout_s,
                  "Seconds after which a session is closed however much it speaks")
      ->check(seconds);
  command
      .add_option("--drain-timeout", options.drain_timeout_s,
                  "Seconds that running sessions have after SIGTERM")
      ->check(CLI::Range(0.0, kMaxTimeoutS));
  command
      .add_option("--finish-timeout", options.finish_timeout_s,
                  "Seconds after that for recognising what they have sent; then they get an error")
      ->check(CLI::Range(0.0, kMaxTimeoutS));
}

}  // namespace

void add_serve_command(CLI::App& program) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = program.add_subcommand(
      "serve", "Recognise live speech over WebSocket and TCP, in the protocols of Vosk and others");
  command
      ->add_option(
          "--model", options->models,
          "Model package: its folder, or NAME=FOLDER for the name by which clients ask for "
          "it; may be given several times, the first one is for clients that name none; "
          "without it the default model, of the installation or of the checkout that the "
          "program was built in")
      ->envname("HARPY_MODEL");
  add_listener_options(*command, *options);
  command
      ->add_option("--workers", options->recognizer.worker_count,
                   "Threads that recognise; 0: as many as the machine has cores")
      ->check(CLI::Range(0, 1024))
      ->envname("VOSK_SERVER_THREADS");
  add_vosk_options(*command, options->server.vosk);
  add_endpoint_options(*command, options->server.endpoint_times);
  add_rescoring_options(*command, options->search.rescoring);
  add_limit_options(*command, *options);
  add_computing_options(*command, options->computing, false);
  add_beam_options(*command, options->search, true);
  command->callback([options] { serve(*options); });
}

}  // namespace harpy::tools
