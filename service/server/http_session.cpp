#include "service/server/http_session.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "service/server/health_pages.hpp"
#include "service/server/http_response.hpp"
#include "service/server/http_routing.hpp"
#include "service/server/request_checks.hpp"
#include "service/server/request_gate.hpp"
#include "service/server/upgrade.hpp"
#include "service/server/upload_transport.hpp"
#include "service/server/web_page.hpp"
#include "service/server/websocket_transport.hpp"

namespace harpy {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

using Error = boost::system::error_code;

constexpr std::size_t kHttpReadBytes = 4096;
/// How much a client may still send to a connection that is being closed, in reads.
constexpr int kMostDiscardedReads = 64;
/// Length of a body that is not read where none belongs; a longer one is refused for that alone.
constexpr std::uint64_t kMostIgnoredBodyBytes = std::uint64_t{1} << 20;

/// How metrics tell a request from others.
CountedRequest counted_request(const UpgradeRequest& request) {
  CountedRequest counted{.began = std::chrono::steady_clock::now()};
  for (const http::verb known :
       {http::verb::get, http::verb::head, http::verb::post, http::verb::options}) {
    if (request.method() != known) continue;
    const auto name = http::to_string(known);  // lives as long as the program
    counted.method = {name.data(), name.size()};
  }
  const auto target = request.target();
  const std::string_view path = path_of({target.data(), target.size()});
  std::string_view route = health_route(path);
  if (route.empty()) route = http_route(path);
  if (!route.empty()) counted.route = route;
  return counted;
}

class HttpSession : public Connection, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(ClientStream stream, std::shared_ptr<ServerState> state,
              std::shared_ptr<ConnectionSlot> slot, const beast::flat_buffer& unread)
      : stream_(std::move(stream)),
        buffer_(std::max(state->limits().max_header_bytes, unread.size())),
        deadline_(*state->io),
        state_(std::move(state)),
        slot_(std::move(slot)),
        listed_(std::in_place, state_->requests, *this) {
    buffer_.commit(net::buffer_copy(buffer_.prepare(unread.size()), unread.data()));
  }

  void begin_request();
  /// Says that nothing more comes and waits until the client has read the response.
  void hang_up();

  void finish() override { abort(); }
  void give_up() override { abort(); }
  void abort() override;

 private:
  void read();
  /// Reads on until the header is complete, then answers.
  void parse();
  void follow_request();
  /// Lets go of the connection, which another one takes over.
  void hand_over();
  void hand_over_to_upload(RoutedRequest request);
  Response answer(const UpgradeRequest& request) const;
  bool is_admin() const { return slot_->listener().purpose == ListenerPurpose::kOperator; }
  void refuse(const Error& error);
  void send(const Response& response);
  void discard(int reads_left);
  /// Whether it was aborted. What was read or written just before is still told of after that.
  bool has_ended() const { return slot_ == nullptr; }
  /// Closes the connection after that time unless the time is set anew.
  void expire_after(std::chrono::milliseconds time);

  ClientStream stream_;
  beast::flat_buffer buffer_;
  Timer deadline_;
  std::shared_ptr<ServerState> state_;
  std::shared_ptr<ConnectionSlot> slot_;
  std::optional<Listed> listed_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  std::string outgoing_;
  std::array<char, kHttpReadBytes> discarded_{};
};

void HttpSession::begin_request() {
  parser_.emplace();
  slot_->request() = {};
  parser_->header_limit(static_cast<std::uint32_t>(state_->limits().max_header_bytes));
  parser_->body_limit(boost::none);  // who takes the body has a limit
  expire_after(state_->limits().header_timeout);
  parse();
}

void HttpSession::parse() {
  Error error;
  if (buffer_.size() > 0) {
    buffer_.consume(parser_->put(buffer_.data(), error));
    if (error == http::error::need_more) error = {};
  }
  if (error) return refuse(error);
  if (parser_->is_header_done()) return follow_request();
  if (buffer_.size() == buffer_.max_size()) return refuse(http::error::header_limit);
  read();
}

void HttpSession::read() {
  const auto space = buffer_.prepare(std::min(kHttpReadBytes, buffer_.max_size() - buffer_.size()));
  stream_.async_read_some(space, [self = shared_from_this()](const Error& error, std::size_t size) {
    if (error || self->has_ended()) return self->abort();
    self->buffer_.commit(size);
    self->parse();
  });
}

void HttpSession::follow_request() {
  const std::uint64_t body_bytes = parser_->content_length().value_or(0);
  const bool has_body = parser_->chunked() || body_bytes > 0;
  const UpgradeRequest& request = parser_->get();
  slot_->request() = {.protocol = "http", .counted = counted_request(request)};
  const RequestGate gate(*state_, *slot_);
  gate.identify(request);
  std::optional<Response> response = gate.refusal(request);
  const bool is_upgrade = !is_admin() && beast::websocket::is_upgrade(request);
  if (!response && is_upgrade) {
    MakeConversation make_conversation;
    response = refuse_upgrade(request, *state_, *slot_, make_conversation);
    if (!response) {
      hand_over();
      return start_websocket({std::move(stream_), std::move(buffer_)}, parser_->release(), state_,
                             std::move(slot_), std::move(make_conversation));
    }
  }
  if (!response && !is_admin()) {
    std::optional<RoutedRequest> routed = route_request(request, body_bytes, *state_, *slot_);
    if (routed && routed->upload) return hand_over_to_upload(std::move(*routed));
    if (routed) response = std::move(routed->response);
  }
  if (!response && body_bytes > kMostIgnoredBodyBytes) return refuse(http::error::body_limit);
  if (!response) response = answer(request);
  response->has_body = request.method() != http::verb::head;
  response->keep_alive = request.keep_alive() && !has_body && !is_upgrade && !state_->draining &&
                         response->status != http::status::service_unavailable;
  send(*response);
}

void HttpSession::hand_over() {
  deadline_.cancel();
  listed_.reset();
}

void HttpSession::hand_over_to_upload(RoutedRequest request) {
  hand_over();
  auto parser = std::make_unique<UploadParser>(std::move(*parser_));
  parser->body_limit(state_->limits().max_upload_bytes);
  start_upload({.stream = std::move(stream_),
                .unread = std::move(buffer_),
                .parser = std::move(parser),
                .protocol = std::move(request.upload),
                .answer_fields = std::move(request.answer_fields)},
               state_, std::move(slot_));
}

/// Tells the client what is wrong with its request.
void HttpSession::refuse(const Error& error) {
  slot_->request().counted.began = std::chrono::steady_clock::now();
  http::status status = http::status::bad_request;
  if (error == http::error::header_limit) status = http::status::request_header_fields_too_large;
  if (error == http::error::body_limit) status = http::status::payload_too_large;
  send({.status = status, .body = error.message()});
}

Response HttpSession::answer(const UpgradeRequest& request) const {
  const auto target = request.target();
  const std::string_view path = path_of({target.data(), target.size()});
  std::optional<Response> of_page = web_page(path, slot_->listener().options.protocols);
  Response page = of_page ? *std::move(of_page) : health_page(path, *state_, is_admin());
  const bool is_read = request.method() == http::verb::get || request.method() == http::verb::head;
  if (is_read || page.status == http::status::not_found) return page;
  return {.status = http::status::method_not_allowed,
          .body = "only GET and HEAD",
          .fields = "Allow: GET, HEAD\r\n"};
}

void HttpSession::send(const Response& response) {
  expire_after(state_->limits().header_timeout);
  Response named = response;
  if (!slot_->request().id.empty()) named.fields += trace_fields(slot_->request());
  outgoing_ = serialized(named);
  net::async_write(stream_, net::buffer(outgoing_),
                   [self = shared_from_this(), keep_alive = response.keep_alive,
                    status = response.status](const Error& error, std::size_t) {
                     if (error || self->has_ended()) return self->abort();
                     self->state_->counts.answered(self->slot_->request().counted,
                                                   static_cast<int>(status));
                     if (keep_alive) return self->begin_request();
                     self->hang_up();
                   });
}

void HttpSession::hang_up() {
  expire_after(state_->limits().handshake_timeout);
  stream_.end_sending([self = shared_from_this()](const Error& error) {
    self->discard(error || self->has_ended() ? 0 : kMostDiscardedReads);
  });
}

void HttpSession::discard(int reads_left) {
  if (reads_left == 0) return abort();
  stream_.socket().async_read_some(net::buffer(discarded_), [self = shared_from_this(), reads_left](
                                                                const Error& error, std::size_t) {
    self->discard(error || self->has_ended() ? 0 : reads_left - 1);
  });
}

void HttpSession::expire_after(std::chrono::milliseconds time) {
  deadline_.expires_after(time);
  deadline_.async_wait([weak = weak_from_this()](const Error& cancelled) {
    const auto self = weak.lock();
    const bool is_late = self && self->deadline_.expiry() <= std::chrono::steady_clock::now();
    if (is_late && !cancelled) self->abort();
  });
}

void HttpSession::abort() {
  deadline_.cancel();
  listed_.reset();
  slot_.reset();
  stream_.close();
}

}  // namespace

void start_http(ClientStream stream, std::shared_ptr<ServerState> state,
                std::shared_ptr<ConnectionSlot> slot, const EarlierRequest& earlier) {
  const auto session = std::make_shared<HttpSession>(std::move(stream), std::move(state),
                                                     std::move(slot), earlier.unread);
  earlier.is_last ? session->hang_up() : session->begin_request();
}

}  // namespace harpy
