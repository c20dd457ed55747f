#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "service/protocols/vosk.hpp"
#include "service/recognizer/recognizer.hpp"
#include "service/server/limits.hpp"

namespace spdlog {
class logger;
}

namespace harpy {

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< of the interface, or its name; "0.0.0.0", "::": all
  std::uint16_t port = 2700;          ///< 0: any free one
  VoskSettings vosk;                  ///< hold until a client's config says otherwise
  ServerLimits limits;
  std::shared_ptr<spdlog::logger> log;
};

/// Serves a recognizer's sessions over WebSocket (docs/protocols.md) and its health over HTTP, on
/// one port.
///
/// The thread that calls run does all input and output and never recognises; recognition is left to
/// the recognizer's workers. Threads: drain and stop may be called from any thread.
class Server {
 public:
  /// Listens at once. The recognizer must outlive the server.
  /// Errors: std::runtime_error naming the address if it cannot be listened on.
  Server(Recognizer& recognizer, const ServerOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;

  /// Serves until drained or stopped.
  void run();

  /// Takes no new sessions and lets the running ones finish; after the drain timeout they get the
  /// result of what they have sent. /readyz says 503 meanwhile.
  void drain();

  /// Ends everything at once.
  void stop();

  /// From now on the first SIGTERM or SIGINT drains the server, and the second one stops it.
  void drain_on_signals();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harpy
