#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace harpy::testing {

/// A WebSocket client over loopback. Whatever takes longer than ten seconds throws
/// std::runtime_error, so that no test hangs.
class TestClient {
 public:
  struct Options {
    std::string path = "/";
    std::string subprotocol = "";    ///< offered, if not empty
    std::string authorization = "";  ///< the header field, if not empty
    int receive_buffer_bytes = 0;    ///< of TCP; 0: the system's choice
  };

  /// Connects. Errors: std::runtime_error with the status, if the upgrade is refused.
  explicit TestClient(std::uint16_t port) : TestClient(port, Options{}) {}
  TestClient(std::uint16_t port, const Options& options);
  ~TestClient();

  /// The subprotocol that the server chose.
  std::string subprotocol() const;

  void send_text(std::string_view text);
  void send_audio(std::span<const std::int16_t> samples);
  void send_bytes(std::span<const std::byte> bytes);
  /// Sends empty audio frames until the server takes no more or breaks the connection; whether it
  /// broke it within ten seconds.
  bool flood_until_broken();

  /// The next text message. Errors: std::runtime_error if the server closes instead.
  std::string receive();
  /// Nothing if no message comes within that time.
  bool receives_within(std::chrono::milliseconds time);

  /// Closes as a client should.
  void close();
  /// Reads until the connection is closed and returns the code of the server's close frame; 1006 if
  /// there was none (RFC 6455, 7.1.5), as all WebSocket clients call that.
  int wait_for_close();
  /// Breaks the connection without a word.
  void vanish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Bare TCP, for clients that do not keep to any protocol.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  /// Sends as long as the server takes it.
  void send(std::string_view bytes);
  /// No more bytes follow.
  void shut_down();
  /// What the server sends until it closes; throws std::runtime_error after ten seconds.
  std::string read_to_end();
  /// What the server sends up to and with `end`.
  std::string read_until(std::string_view end);

 private:
  int socket_ = -1;
};

}  // namespace harpy::testing
