#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/protocols/vosk.hpp"
#include "service/recognizer/recognizer_set.hpp"
#include "service/server/limits.hpp"
#include "service/server/listener_options.hpp"
#include "service/server/request_checks.hpp"

namespace spdlog {
class logger;
}

namespace harpy {

struct ServerOptions {
  /// For speech and health; at least one.
  std::vector<ListenerOptions> listeners{{.where = {.address = "127.0.0.1", .port = 2700}}};
  /// For health, status and metrics alone, with connections of its own, so that clients cannot keep
  /// the operator out; none: no such listener.
  std::optional<ListenAddress> admin;
  /// For load balancers that ask how much is free (agent_check.hpp); none: no such listener.
  std::optional<ListenAddress> agent;
  EndpointTimes endpoint_times;  ///< of every protocol, until a client says otherwise
  VoskSettings vosk;             ///< hold until a client's config says otherwise
  BrowserAccess access;
  /// Addresses and networks of proxies whose X-Forwarded-For tells whose a request is
  /// (client_address.hpp).
  std::vector<std::string> trusted_proxies;
  /// The file of the keys that clients need (api_keys.hpp); empty: they need none.
  std::filesystem::path api_keys;
  ServerLimits limits;
  /// Path of the program that decodes recordings in requests (decoding_helper.hpp); without one
  /// they are answered with an error.
  std::string decoding_program;
  std::shared_ptr<spdlog::logger> log;
  /// Called on SIGHUP, on the I/O thread; must not take long.
  std::function<void()> on_reload;
};

/// Serves a recognizer's sessions (docs/protocols.md) and its health over HTTP.
///
/// The thread that calls run does all input and output and never recognises; recognition is left to
/// the recognizer's workers. Threads: drain, stop, replace and reload_credentials
/// may be called from any thread.
class Server {
 public:
  /// Listens at once; connections wait until run.
  /// Errors: std::runtime_error naming an address that cannot be listened on;
  /// std::invalid_argument for protocols that one listener cannot speak, or that cannot carry a key
  /// where one is needed; those of reload_credentials.
  explicit Server(const ServerOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Of a listener, by its place among the options'.
  std::uint16_t port(std::size_t listener = 0) const;
  /// Of the admin listener; 0 if there is none.
  std::uint16_t admin_port() const;
  /// Of the listener for agent checks; 0 if there is none.
  std::uint16_t agent_port() const;

  /// Serves until drained or stopped.
  /// Errors: std::invalid_argument for a listener with a model that is none of them.
  void run(RecognizerSet recognizers);

  /// Lets other recognizers take the sessions that begin from now on, under the same names. The old
  /// ones live until their last sessions have ended.
  void replace(RecognizerSet recognizers);

  /// Reads the file of API keys and the listeners' certificates again, for the requests and
  /// connections that come from now on.
  /// Errors: std::runtime_error naming the file; then nothing changes.
  void reload_credentials();

  /// Takes no new sessions and lets the running ones finish; after the drain timeout they get the
  /// result of what they have sent. /readyz says 503 meanwhile.
  void drain();

  /// Waits for no recognition: sessions that miss results are told so, and everything ends within
  /// the stop timeout.
  void stop();

  /// From now on the first SIGTERM or SIGINT drains the server, the second one stops it and the
  /// third one ends it at once; SIGHUP reloads.
  void follow_signals();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harpy
