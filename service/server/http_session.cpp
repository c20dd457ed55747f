#include "service/server/http_session.hpp"

#include <array>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "service/server/websocket_session.hpp"

namespace harpy {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

constexpr auto kAsTuple = net::as_tuple(net::use_awaitable);
constexpr unsigned kHttp11 = 11;
constexpr const char* kServerName = "harpy/" HARPY_VERSION;

http::response<http::string_body> make_response(http::status status, std::string body) {
  http::response<http::string_body> response(status, kHttp11);
  response.set(http::field::server, kServerName);
  response.set(http::field::content_type, "text/plain");
  response.set(http::field::cache_control, "no-store");
  response.body() = std::move(body) + "\n";
  response.prepare_payload();
  return response;
}

/// The status for a request that cannot be read; none if nobody waits for one.
std::optional<http::status> status_of(const boost::system::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return http::status::request_header_fields_too_large;
  }
  if (error == http::error::end_of_stream || error == http::error::partial_message) return {};
  if (error.category() == http::make_error_code(http::error::bad_method).category()) {
    return http::status::bad_request;
  }
  return {};
}

}  // namespace

HttpSession::HttpSession(net::ip::tcp::socket socket, std::shared_ptr<ServerState> state)
    : stream_(std::move(socket)),
      buffer_(state->limits().max_header_bytes),
      state_(std::move(state)) {}

net::awaitable<void> HttpSession::run() {
  std::optional<Request> upgrade;
  {
    const Listed listed(state_->requests, *this);
    upgrade = co_await serve_requests();
  }
  if (!upgrade) co_return;
  stream_.expires_never();
  co_await std::make_shared<WebSocketSession>(std::move(stream_), state_)->run(std::move(*upgrade));
}

net::awaitable<std::optional<HttpSession::Request>> HttpSession::serve_requests() {
  bool keep_alive = true;
  while (keep_alive) {
    http::request_parser<http::empty_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(state_->limits().max_header_bytes));
    stream_.expires_after(state_->limits().header_timeout);
    const auto [error, size] = co_await http::async_read_header(stream_, buffer_, parser, kAsTuple);
    if (error) {
      if (const auto status = status_of(error)) {
        co_await send(make_response(*status, error.message()));
        co_await hang_up();
      }
      co_return std::nullopt;
    }
    const bool has_body = parser.chunked() || parser.content_length().value_or(0) > 0;
    Request request = parser.release();
    Response response;
    if (beast::websocket::is_upgrade(request)) {
      const bool full = static_cast<int>(state_->sessions.size()) >= state_->limits().max_sessions;
      if (!full && !state_->draining) co_return request;
      response = refusal_of_upgrade();
    } else {
      response = answer(request);
    }
    keep_alive = request.keep_alive() && !has_body && !state_->draining &&
                 response.result() != http::status::service_unavailable;
    response.keep_alive(keep_alive);
    if (!co_await send(std::move(response))) co_return std::nullopt;
  }
  co_await hang_up();
  co_return std::nullopt;
}

HttpSession::Response HttpSession::refusal_of_upgrade() const {
  const char* reason = state_->draining ? "shutting down" : "all sessions are in use";
  state_->log().warn("session refused: {}", reason);
  Response response = make_response(http::status::service_unavailable, reason);
  response.set(http::field::retry_after, "5");
  return response;
}

HttpSession::Response HttpSession::answer(const Request& request) const {
  const bool live = request.target() == "/livez";
  const bool ready = request.target() == "/readyz";
  if (!live && !ready) {
    return make_response(http::status::not_found, "nothing here; speech comes over WebSocket");
  }
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    Response response = make_response(http::status::method_not_allowed, "only GET and HEAD");
    response.set(http::field::allow, "GET, HEAD");
    return response;
  }
  Response response = ready && state_->draining
                          ? make_response(http::status::service_unavailable, "shutting down")
                          : make_response(http::status::ok, "ok");
  if (request.method() == http::verb::head) response.body().clear();
  return response;
}

net::awaitable<bool> HttpSession::send(Response response) {
  stream_.expires_after(state_->limits().header_timeout);
  const auto [error, size] = co_await http::async_write(stream_, response, kAsTuple);
  co_return !error;
}

net::awaitable<void> HttpSession::hang_up() {
  boost::system::error_code error;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, error);
  stream_.expires_after(state_->limits().handshake_timeout);
  std::array<char, 4096> discarded{};
  for (int reads_left = 64; !error && reads_left > 0; --reads_left) {
    std::size_t size = 0;
    std::tie(error, size) = co_await stream_.async_read_some(net::buffer(discarded), kAsTuple);
  }
}

}  // namespace harpy
