#include "tools/bench/websocket_client.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "service/server/network.hpp"

namespace harpy::tools {

namespace net = boost::asio;
namespace websocket = boost::beast::websocket;

namespace {

constexpr std::chrono::minutes kPatience{1};

/// A handler that keeps what came out. One type for all operations, which spares compile time.
struct KeepOutcome {
  std::optional<boost::system::error_code>* outcome;

  void operator()(const boost::system::error_code& error, std::size_t = 0) const {
    *outcome = error;
  }
};

}  // namespace

struct WebSocketClient::Impl {
  net::io_context io;
  websocket::stream<Socket, false> stream{io};
  boost::beast::flat_buffer incoming;

  template <typename Start>
  void complete(const char* what, Start start) {
    std::optional<boost::system::error_code> outcome;
    start(KeepOutcome{&outcome});
    io.restart();
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!outcome && std::chrono::steady_clock::now() < end) io.run_one_until(end);
    if (!outcome) throw std::runtime_error(std::string("waited too long to ") + what);
    if (*outcome)
      throw std::runtime_error(std::string("cannot ") + what + ": " + outcome->message());
  }
};

WebSocketClient::WebSocketClient(const ServerAddress& server) : impl_(std::make_unique<Impl>()) {
  auto& stream = impl_->stream;
  boost::system::error_code error;
  const net::ip::address address = net::ip::make_address(server.address, error);
  if (error) throw std::runtime_error("expected the address of a server, got " + server.address);
  impl_->complete("connect", [&](auto handler) {
    stream.next_layer().async_connect({address, server.port}, handler);
  });
  stream.next_layer().set_option(net::ip::tcp::no_delay(true));
  impl_->complete("open a WebSocket",
                  [&](auto handler) { stream.async_handshake("localhost", "/", handler); });
}

WebSocketClient::~WebSocketClient() = default;

void WebSocketClient::send_text(std::string_view text) {
  impl_->stream.text(true);
  impl_->complete("send", [&](auto handler) {
    impl_->stream.async_write(net::buffer(text.data(), text.size()), handler);
  });
}

void WebSocketClient::send_bytes(std::span<const std::byte> bytes) {
  impl_->stream.binary(true);
  impl_->complete("send", [&](auto handler) {
    impl_->stream.async_write(net::buffer(bytes.data(), bytes.size()), handler);
  });
}

std::string WebSocketClient::receive() {
  impl_->complete("receive",
                  [&](auto handler) { impl_->stream.async_read(impl_->incoming, handler); });
  std::string message = boost::beast::buffers_to_string(impl_->incoming.data());
  impl_->incoming.consume(impl_->incoming.size());
  return message;
}

}  // namespace harpy::tools
