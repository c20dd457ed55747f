#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace harpy::tools {

/// Where a server listens.
struct ServerAddress {
  std::string address = "127.0.0.1";
  std::uint16_t port = 2700;
};

/// A WebSocket client that waits for what it does, though not for more than a minute.
/// Errors of all methods: std::runtime_error saying what failed. Threads: one.
class WebSocketClient {
 public:
  /// Connects.
  explicit WebSocketClient(const ServerAddress& server);
  ~WebSocketClient();
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  void send_text(std::string_view text);
  void send_bytes(std::span<const std::byte> bytes);
  /// The next message.
  std::string receive();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harpy::tools
