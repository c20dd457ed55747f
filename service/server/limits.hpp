#pragma once

#include <chrono>
#include <cstddef>

namespace harpy {

/// What a server grants its clients.
struct ServerLimits {
  /// Speech sessions at once; further upgrades are refused with 503. With a larger value partials
  /// come later for all when all are in use.
  int max_sessions = 200;
  /// Of them, those of one client address.
  int max_sessions_per_address = 100;
  /// Share of the workers' time that sessions may need as long as each sends audio in real time, by
  /// what recognition has cost so far; further upgrades are refused with 503. A larger value leaves
  /// less for bursts.
  double max_load = 0.8;

  /// Connections of any kind at once; further ones get 503 and are closed.
  int max_connections = 1024;
  /// Of them, those of one client address; further ones get 429 and are closed.
  int max_connections_per_address = 256;
  /// Connections at once of the listener for health and status, which are no others', and as many
  /// of the one for load balancers.
  int max_admin_connections = 16;

  /// Recordings in the bodies of requests at once, each with a process of its own that decodes it;
  /// further ones are refused with 503.
  int max_uploads = 32;
  /// Length of such a body; a longer one is refused with 413.
  std::size_t max_upload_bytes = std::size_t{512} << 20;
  /// Seconds of sound that it may hold; a longer one is refused with 413.
  double max_upload_s = 6.0 * 3600.0;

  /// Length of a WebSocket message; a larger one closes the session with 1009.
  std::size_t max_message_bytes = std::size_t{1} << 20;
  /// Length of a message of gRPC, of which one may hold a whole recording; a larger one ends the
  /// call.
  std::size_t max_grpc_message_bytes = std::size_t{16} << 20;
  /// Length of a message that is no audio: a text frame, or a text in a binary one.
  std::size_t max_text_bytes = std::size_t{64} << 10;
  /// Length of the header of an HTTP request; a larger one is refused with 431.
  std::size_t max_header_bytes = std::size_t{16} << 10;
  /// Replies that a client has not taken yet; while there are more, nothing is read from it.
  std::size_t max_waiting_replies = 256;

  /// What a session may send besides audio, where each message counts its bytes and 1 KiB: so many
  /// times max_text_bytes a second, and so many at once. Nothing is read from a session that has
  /// used it up.
  double texts_per_s = 1.0;
  double text_burst = 4.0;
  /// Pings and pongs that a session may send: so many a second, and so many at once. More close the
  /// session with 1008.
  double controls_per_s = 10.0;
  double control_burst = 100.0;
  /// Requests for sessions and to protocols over HTTP that one client address may make: so many a
  /// second, and as many as in ten seconds at once. More are refused with 429.
  double requests_per_s = 100.0;
  /// Log lines that one client address may cause: so many a second, and so many at once. Others are
  /// counted.
  double log_lines_per_s = 10.0;
  double log_line_burst = 500.0;

  /// Time for the header of a request, counted from the connection or the last response.
  std::chrono::milliseconds header_timeout{10'000};
  /// Time for the WebSocket handshake, and for the closing one.
  std::chrono::milliseconds handshake_timeout{5'000};
  /// How long a session may send nothing although nothing is owed to it, or take nothing of what is
  /// sent to it. Clients that send nothing are sent a ping after each third of this time.
  std::chrono::milliseconds idle_timeout{30'000};
  /// How fast the bytes of a message must come once the idle timeout has passed since its first.
  double least_bytes_per_s = 1000.0;
  /// How long a session may send no audio, whatever else it sends.
  std::chrono::milliseconds silence_timeout{300'000};
  /// How long a session may last.
  std::chrono::milliseconds session_timeout{std::chrono::hours(24)};

  /// How long running sessions may go on after drain; then they get their last result.
  std::chrono::milliseconds drain_timeout{30'000};
  /// How long after that what they have sent may take to be recognised; then they get an error.
  std::chrono::milliseconds finish_timeout{120'000};
  /// How long they have to take that.
  std::chrono::milliseconds stop_timeout{1'000};
};

}  // namespace harpy
