#pragma once

#include <chrono>
#include <cstddef>

namespace harpy {

/// What a server grants its clients.
struct ServerLimits {
  /// Speech sessions at once; further upgrades are refused with 503. Larger: later partials for
  /// all when they are all used.
  int max_sessions = 200;
  /// Connections of any kind at once; further ones are closed at once.
  int max_connections = 1024;
  /// A WebSocket message; a larger one closes the session with 1009.
  std::size_t max_message_bytes = std::size_t{1} << 20;
  /// The header of an HTTP request; a larger one is refused with 431.
  std::size_t max_header_bytes = std::size_t{16} << 10;
  /// Replies that a client has not taken yet; while there are more, nothing is read from it.
  std::size_t max_waiting_replies = 256;
  /// For the header of a request, counted from the connection or the last response.
  std::chrono::milliseconds header_timeout{10'000};
  /// For the WebSocket handshake and for closing.
  std::chrono::milliseconds handshake_timeout{5'000};
  /// How long a session may send nothing, or take nothing of what is sent to it.
  std::chrono::milliseconds idle_timeout{30'000};
  /// How long running sessions may go on after drain; then they get their last result.
  std::chrono::milliseconds drain_timeout{30'000};
};

}  // namespace harpy
