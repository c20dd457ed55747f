#pragma once

#include <memory>
#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "service/server/server_state.hpp"

namespace harpy {

/// A connection that speaks HTTP until it becomes a WebSocket: /livez, /readyz and upgrades.
class HttpSession : public Connection {
 public:
  HttpSession(boost::asio::ip::tcp::socket socket, std::shared_ptr<ServerState> state);

  boost::asio::awaitable<void> run();

  void finish() override { abort(); }
  void abort() override { stream_.close(); }

 private:
  using Request = boost::beast::http::request<boost::beast::http::empty_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  /// Answers requests; returns an upgrade that is to be followed, or nothing at the end.
  boost::asio::awaitable<std::optional<Request>> serve_requests();
  Response answer(const Request& request) const;
  Response refusal_of_upgrade() const;
  boost::asio::awaitable<bool> send(Response response);
  /// Says that nothing more comes and waits until the client has read the response.
  boost::asio::awaitable<void> hang_up();

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<ServerState> state_;
};

}  // namespace harpy
