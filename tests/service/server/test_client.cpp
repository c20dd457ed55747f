#include "tests/service/server/test_client.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "service/server/network.hpp"

namespace harpy::testing {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

namespace {

constexpr std::chrono::seconds kPatience{10};

/// A handler that keeps what came out. One type for all operations, which spares compile time.
struct KeepResult {
  std::optional<boost::system::error_code>* result;

  void operator()(const boost::system::error_code& error, std::size_t = 0) const {
    *result = error;
  }
};

}  // namespace

struct TestClient::Impl {
  net::io_context io;
  websocket::stream<Socket, false> stream{io};
  beast::flat_buffer buffer;
  std::string subprotocol;
  bool reading = false;
  std::optional<boost::system::error_code> read_result;

  /// Runs an operation that was started with a handler that sets `result`.
  void wait(const std::optional<boost::system::error_code>& result, const char* what) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!result && std::chrono::steady_clock::now() < end) {
      io.restart();
      io.run_one_until(end);
    }
    if (!result) throw std::runtime_error(std::string("TestClient: waited too long to ") + what);
  }

  template <typename Start>
  void complete(const char* what, Start start) {
    std::optional<boost::system::error_code> result;
    start(KeepResult{&result});
    wait(result, what);
    if (*result) throw std::runtime_error(std::string(what) + ": " + result->message());
  }

  void start_reading() {
    if (reading) return;
    reading = true;
    read_result.reset();
    buffer.consume(buffer.size());
    stream.async_read(buffer, [this](const boost::system::error_code& error, std::size_t) {
      reading = false;
      read_result = error;
    });
  }
};

TestClient::TestClient(std::uint16_t port, const Options& options)
    : impl_(std::make_unique<Impl>()) {
  auto& stream = impl_->stream;
  auto& socket = stream.next_layer();
  socket.open(net::ip::tcp::v4());
  if (options.receive_buffer_bytes > 0) {
    socket.set_option(net::socket_base::receive_buffer_size(options.receive_buffer_bytes));
  }
  const net::ip::tcp::endpoint server(net::ip::address_v4::loopback(), port);
  impl_->complete("connect", [&](auto handler) { socket.async_connect(server, handler); });
  socket.set_option(net::ip::tcp::no_delay(true));
  stream.set_option(websocket::stream_base::decorator([options](auto& request) {
    if constexpr (std::is_same_v<std::decay_t<decltype(request)>, websocket::request_type>) {
      const auto set = [&](beast::http::field field, const std::string& value) {
        if (!value.empty()) request.set(field, value);
      };
      set(beast::http::field::sec_websocket_protocol, options.subprotocol);
      set(beast::http::field::authorization, options.authorization);
    }
  }));
  websocket::response_type response;
  try {
    impl_->complete("upgrade", [&](auto handler) {
      stream.async_handshake(response, "127.0.0.1", options.path, handler);
    });
  } catch (const std::runtime_error&) {
    throw std::runtime_error("refused with status " + std::to_string(response.result_int()));
  }
  impl_->subprotocol = std::string(response[beast::http::field::sec_websocket_protocol]);
}

TestClient::~TestClient() = default;

std::string TestClient::subprotocol() const { return impl_->subprotocol; }

void TestClient::send_text(std::string_view text) {
  impl_->stream.text(true);
  impl_->complete("send text", [&](auto handler) {
    impl_->stream.async_write(net::buffer(text.data(), text.size()), handler);
  });
}

void TestClient::send_audio(std::span<const std::int16_t> samples) {
  send_bytes(std::as_bytes(samples));
}

void TestClient::send_bytes(std::span<const std::byte> bytes) {
  impl_->stream.binary(true);
  impl_->complete("send audio", [&](auto handler) {
    impl_->stream.async_write(net::buffer(bytes.data(), bytes.size()), handler);
  });
}

bool TestClient::flood_until_broken() {
  try {
    for (;;) send_bytes({});
  } catch (const std::runtime_error& error) {
    return std::string(error.what()).find("waited too long") == std::string::npos;
  }
}

std::string TestClient::receive() {
  if (!impl_->read_result) impl_->start_reading();
  impl_->wait(impl_->read_result, "receive");
  if (*impl_->read_result) throw std::runtime_error("receive: " + impl_->read_result->message());
  std::string text = beast::buffers_to_string(impl_->buffer.data());
  impl_->read_result.reset();
  return text;
}

bool TestClient::receives_within(std::chrono::milliseconds time) {
  if (!impl_->read_result) impl_->start_reading();
  impl_->io.restart();
  const auto end = std::chrono::steady_clock::now() + time;
  while (!impl_->read_result && std::chrono::steady_clock::now() < end) {
    impl_->io.run_one_until(end);
  }
  return impl_->read_result.has_value();
}

void TestClient::close() {
  impl_->complete("close", [&](auto handler) {
    impl_->stream.async_close(websocket::close_code::normal, handler);
  });
}

int TestClient::wait_for_close() {
  while (!impl_->read_result || !*impl_->read_result) {
    impl_->read_result.reset();
    impl_->start_reading();
    impl_->wait(impl_->read_result, "be closed");
  }
  return *impl_->read_result == websocket::error::closed
             ? static_cast<int>(impl_->stream.reason().code)
             : static_cast<int>(websocket::close_code::abnormal);
}

void TestClient::vanish() {
  boost::system::error_code ignored;
  auto& socket = impl_->stream.next_layer();
  socket.set_option(net::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

namespace {

/// As recv, but not interrupted by the signal that a process of the server's has ended.
ssize_t receive(int socket, char* bytes, std::size_t size) {
  for (;;) {
    const ssize_t got = ::recv(socket, bytes, size, 0);
    if (got >= 0 || errno != EINTR) return got;
  }
}

}  // namespace

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    ::close(socket_);
    throw std::system_error(error, std::generic_category(), "RawClient: connect");
  }
}

RawClient::~RawClient() { ::close(socket_); }

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return;
    if (sent <= 0) throw std::system_error(errno, std::generic_category(), "RawClient: send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawClient::shut_down() { ::shutdown(socket_, SHUT_WR); }

std::string RawClient::read_to_end() {
  std::string text;
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t size = receive(socket_, block.data(), block.size());
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      throw std::runtime_error("RawClient: waited too long for the end");
    }
    if (size <= 0) return text;
    text.append(block.data(), static_cast<std::size_t>(size));
  }
}

std::string RawClient::read_until(std::string_view end) {
  std::string text;
  char letter = 0;
  while (!text.ends_with(end)) {
    if (receive(socket_, &letter, 1) != 1) throw std::runtime_error("RawClient: got " + text);
    text += letter;
  }
  return text;
}

}  // namespace harpy::testing
