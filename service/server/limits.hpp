#pragma once

#include <chrono>
#include <cstddef>

namespace harpy {

/// What a server grants its clients.
struct ServerLimits {
  /// Speech sessions at once; further upgrades are refused with 503. With a larger value partials
  /// come later for all when all are in use.
  int max_sessions = 200;
  /// Connections of any kind at once; further ones are closed at once.
  int max_connections = 1024;
  /// Length of a WebSocket message; a larger one closes the session with 1009.
  std::size_t max_message_bytes = std::size_t{1} << 20;
  /// Length of the header of an HTTP request; a larger one is refused with 431.
  std::size_t max_header_bytes = std::size_t{16} << 10;
  /// Replies that a client has not taken yet; while there are more, nothing is read from it.
  std::size_t max_waiting_replies = 256;
  /// Time for the header of a request, counted from the connection or the last response.
  std::chrono::milliseconds header_timeout{10'000};
  /// Time for the WebSocket handshake, and for the closing one.
  std::chrono::milliseconds handshake_timeout{5'000};
  /// How long a session may send nothing although nothing is owed to it, or take nothing of what is
  /// sent to it. Clients that send nothing are sent a ping after each third of this time.
  std::chrono::milliseconds idle_timeout{30'000};
  /// How long running sessions may go on after drain; then they get their last result.
  std::chrono::milliseconds drain_timeout{30'000};
};

}  // namespace harpy
