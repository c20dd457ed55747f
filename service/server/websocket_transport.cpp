#include "service/server/websocket_transport.hpp"

#include <string>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "service/server/api_keys.hpp"
#include "service/server/conversation_transport.hpp"

namespace harpy {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace {

constexpr std::size_t kMaxReasonBytes = 120;  ///< of a close frame
constexpr std::size_t kWebSocketReadBytes = std::size_t{64} << 10;
/// Room for so much is kept between messages; what a longer message took is given back.
constexpr std::size_t kKeptMessageBytes = std::size_t{64} << 10;

class WebSocketTransport : public ConversationTransport {
 public:
  WebSocketTransport(UpgradedSocket socket, std::shared_ptr<ServerState> state,
                     std::shared_ptr<ConnectionSlot> slot, MakeConversation make_conversation)
      : ConversationTransport(std::move(state), std::move(slot)),
        stream_(std::move(socket)),
        make_conversation_(std::move(make_conversation)) {}

  void start(const UpgradeRequest& request);

 private:
  void start_reading() override;
  void start_writing(const Message& message) override;
  void start_closing(const Closing& closing) override;
  void start_ping() override;
  void close_socket() override;

  void has_read(const Error& error, std::size_t size);
  void take_message();
  void has_received_control(websocket::frame_type kind);

  websocket::stream<UpgradedSocket, false> stream_;  ///< without compression
  MakeConversation make_conversation_;
  beast::flat_buffer incoming_;
  bool is_pinging_ = false;
};

void WebSocketTransport::start(const UpgradeRequest& request) {
  tell_opened();
  const ServerLimits& limits = state().limits();
  stream_.set_option(websocket::stream_base::timeout{.handshake_timeout = limits.handshake_timeout,
                                                     .idle_timeout = websocket::stream_base::none(),
                                                     .keep_alive_pings = false});
  stream_.read_message_max(limits.max_message_bytes);
  const std::string id = served_request().id;
  const std::string traceparent = served_request().traceparent;
  const std::string subprotocol =
      chosen_subprotocol(std::string(request[http::field::sec_websocket_protocol]));
  stream_.set_option(websocket::stream_base::decorator(
      [subprotocol, id, traceparent](websocket::response_type& response) {
        response.set("X-Request-Id", id);
        if (!traceparent.empty()) response.set("traceparent", traceparent);
        response.set(http::field::server, "harpy/" HARPY_VERSION);
        if (!subprotocol.empty()) response.set(http::field::sec_websocket_protocol, subprotocol);
      }));
  stream_.control_callback(
      [this](websocket::frame_type kind, beast::string_view) { has_received_control(kind); });
  stream_.async_accept(request, guarded([this](const Error& error) {
                         if (error) return ended("no handshake: " + error.message());
                         begin(make_conversation_);
                       }));
}

void WebSocketTransport::start_reading() {
  stream_.async_read_some(
      incoming_, kWebSocketReadBytes,
      guarded([this](const Error& error, std::size_t size) { has_read(error, size); }));
}

void WebSocketTransport::has_read(const Error& error, std::size_t size) {
  has_received(size, stream_.is_message_done());
  if (error && has_said_all()) return;
  if (error) return ended("client: " + error.message());
  // What is too long for a text need not be read to its end to be refused.
  const bool is_too_long = stream_.got_text() && incoming_.size() > conversation().max_text_bytes();
  stream_.is_message_done() || is_too_long ? take_message() : look();
}

void WebSocketTransport::take_message() {
  converse([this](Conversation& conversation) {
    const auto* bytes = static_cast<const std::byte*>(incoming_.data().data());
    const std::size_t size = incoming_.size();
    if (stream_.got_text()) {
      conversation.take_text({reinterpret_cast<const char*>(bytes), size});
    } else {
      conversation.take_bytes({bytes, size});
    }
    incoming_.consume(size);
    if (incoming_.capacity() > kKeptMessageBytes) incoming_.shrink_to_fit();
  });
}

/// A frame that is no message; pings are answered by Beast.
void WebSocketTransport::has_received_control(websocket::frame_type kind) {
  if (kind == websocket::frame_type::close) return;
  if (watch().received_control(kind == websocket::frame_type::ping, Clock::now())) return;
  close({.code = close_code::kPolicy, .reason = "too many pings", .details = {}});
  net::post(io(), guarded([this] { look(); }));
}

void WebSocketTransport::start_writing(const Message& message) {
  stream_.text(message.is_text);
  stream_.async_write(net::buffer(message.bytes),
                      guarded([this](const Error& error, std::size_t) { has_written(error); }));
}

void WebSocketTransport::start_closing(const Closing& closing) {
  const websocket::close_reason reason(static_cast<websocket::close_code>(closing.code),
                                       closing.reason.substr(0, kMaxReasonBytes));
  stream_.async_close(reason, guarded([this](const Error&) { ended(""); }));
}

void WebSocketTransport::start_ping() {
  if (std::exchange(is_pinging_, true)) return;
  stream_.async_ping({}, guarded([this](const Error&) { is_pinging_ = false; }));
}

void WebSocketTransport::close_socket() { beast::get_lowest_layer(stream_).close(); }

}  // namespace

void start_websocket(UpgradedSocket socket, const UpgradeRequest& request,
                     std::shared_ptr<ServerState> state, std::shared_ptr<ConnectionSlot> slot,
                     MakeConversation make_conversation) {
  std::make_shared<WebSocketTransport>(std::move(socket), std::move(state), std::move(slot),
                                       std::move(make_conversation))
      ->start(request);
}

}  // namespace harpy
