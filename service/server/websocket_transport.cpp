#include "service/server/websocket_transport.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace harpy {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace {

using Error = boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxReasonBytes = 120;  ///< of a close frame
constexpr std::size_t kWebSocketReadBytes = std::size_t{64} << 10;
/// So many pings are sent within the idle timeout to a client that sends nothing.
constexpr int kPingsPerIdleTimeout = 3;
/// How often the I/O thread looks for input and events before it believes that a time is over: once
/// finds what is queued, the second time what the operating system had when the first began.
constexpr int kLooksBeforeTimeout = 2;

/// The first subprotocol that a client offers. Some clients insist on an answer, whatever they call
/// what they speak.
std::string first_subprotocol(std::string_view offered) {
  const auto begin = offered.find_first_not_of(" \t,");
  if (begin == std::string_view::npos) return "";
  return std::string(offered.substr(begin, offered.find_first_of(" \t,", begin) - begin));
}

class WebSocketTransport : public Connection,
                           public Line,
                           public std::enable_shared_from_this<WebSocketTransport> {
 public:
  WebSocketTransport(Socket socket, std::shared_ptr<ServerState> state, std::shared_ptr<void> slot);

  void start(const UpgradeRequest& request);

  void finish() override;
  void abort() override { ended("stopped"); }

  void send_text(std::string text) override { send({std::move(text), true}); }
  void send_bytes(std::vector<std::byte> bytes) override;
  void close(Closing closing) override;
  std::size_t unsent_count() const override { return outgoing_.size(); }
  void note(Severity severity, const std::string& text) override;

 private:
  struct Message {
    std::string bytes;
    bool is_text = true;
  };

  void accepted(const Error& error);
  OpenSession session_opener();
  /// Calls the conversation and then does what has become possible.
  template <typename Action>
  void converse(const Action& action);
  void look();

  void read_next();
  void has_read(const Error& error);
  void take_message();
  void has_received(websocket::frame_type kind);

  void send(Message message);
  void write_next();
  void has_written(const Error& error);

  Clock::time_point idle_deadline() const;
  Clock::time_point next_ping() const;
  void watch();
  void check_time(int looks_left);
  void ping();

  /// The connection is over: tells the log and lets everything go.
  void ended(const std::string& reason);

  websocket::stream<Socket, false> stream_;  ///< without compression
  std::shared_ptr<ServerState> state_;
  std::shared_ptr<void> slot_;
  std::string name_;  ///< for log lines
  std::optional<Listed> listed_;
  std::unique_ptr<Conversation> conversation_;  ///< from the handshake to the end

  beast::flat_buffer incoming_;
  bool is_reading_ = false;
  std::deque<Message> outgoing_;  ///< the first one is being written if is_writing_
  bool is_writing_ = false;
  std::optional<Closing> closing_;  ///< set once the conversation has closed
  bool is_close_sent_ = false;
  bool is_pinging_ = false;
  bool has_ended_ = false;

  Timer timer_;
  const Clock::time_point started_ = Clock::now();
  Clock::time_point last_activity_ = started_;  ///< a message or ping of the client, or one sent
  Clock::time_point last_received_ = started_;  ///< anything of the client, answers to pings too
  Clock::time_point last_ping_ = started_;
  Clock::time_point write_started_ = started_;  ///< of the message being written
};

WebSocketTransport::WebSocketTransport(Socket socket, std::shared_ptr<ServerState> state,
                                       std::shared_ptr<void> slot)
    : stream_(std::move(socket)),
      state_(std::move(state)),
      slot_(std::move(slot)),
      name_("session " + std::to_string(++state_->last_session_id)),
      listed_(std::in_place, state_->sessions, *this),
      timer_(*state_->io) {}

void WebSocketTransport::start(const UpgradeRequest& request) {
  Error error;
  const auto peer = stream_.next_layer().remote_endpoint(error);
  state_->log().info("{}: opened by {} port {}", name_,
                     error ? "a client that is gone" : peer.address().to_string(), peer.port());
  const ServerLimits& limits = state_->limits();
  stream_.set_option(websocket::stream_base::timeout{.handshake_timeout = limits.handshake_timeout,
                                                     .idle_timeout = websocket::stream_base::none(),
                                                     .keep_alive_pings = false});
  stream_.read_message_max(limits.max_message_bytes);
  const std::string subprotocol =
      first_subprotocol(std::string(request[http::field::sec_websocket_protocol]));
  stream_.set_option(
      websocket::stream_base::decorator([subprotocol](websocket::response_type& response) {
        response.set(http::field::server, "harpy/" HARPY_VERSION);
        if (!subprotocol.empty()) response.set(http::field::sec_websocket_protocol, subprotocol);
      }));
  stream_.control_callback(
      [this](websocket::frame_type kind, beast::string_view) { has_received(kind); });
  stream_.async_accept(
      request, [self = shared_from_this()](const Error& failure) { self->accepted(failure); });
}

void WebSocketTransport::accepted(const Error& error) {
  if (has_ended_) return;
  if (error) return ended("no handshake: " + error.message());
  last_activity_ = last_received_ = last_ping_ = Clock::now();
  conversation_ = state_->make_conversation(*this, session_opener());
  watch();
  look();
}

OpenSession WebSocketTransport::session_opener() {
  return [weak = weak_from_this(), state = state_](const SessionOptions& options,
                                                   EventHandler handler) {
    // Called on a worker's thread.
    return state->recognizer.open(
        options, [weak, io = state->io, handler = std::move(handler)](const SessionEvent& event) {
          net::post(*io, [weak, handler, event] {
            const auto self = weak.lock();
            if (self && !self->has_ended_) self->converse([&](Conversation&) { handler(event); });
          });
        });
  };
}

template <typename Action>
void WebSocketTransport::converse(const Action& action) {
  try {
    action(*conversation_);
  } catch (const std::exception& error) {
    note(Severity::kError, error.what());
    close({.code = close_code::kInternalError, .reason = "internal error", .details = {}});
  }
  look();
}

void WebSocketTransport::look() {
  read_next();
  write_next();
}

void WebSocketTransport::read_next() {
  if (is_reading_ || closing_ || conversation_->input_room() == 0) return;
  is_reading_ = true;
  stream_.async_read_some(
      incoming_, kWebSocketReadBytes,
      [self = shared_from_this()](const Error& error, std::size_t) { self->has_read(error); });
}

void WebSocketTransport::has_read(const Error& error) {
  is_reading_ = false;
  if (has_ended_) return;
  if (error) {
    if (!is_close_sent_) ended("client: " + error.message());
    return;
  }
  last_activity_ = last_received_ = Clock::now();
  if (stream_.is_message_done()) return take_message();
  look();
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
  });
}

/// A frame that is no message; pings are answered by Beast.
void WebSocketTransport::has_received(websocket::frame_type kind) {
  last_received_ = Clock::now();
  if (kind == websocket::frame_type::ping) last_activity_ = last_received_;
}

void WebSocketTransport::send_bytes(std::vector<std::byte> bytes) {
  send({std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), false});
}

void WebSocketTransport::send(Message message) {
  if (!closing_) outgoing_.push_back(std::move(message));
}

void WebSocketTransport::close(Closing closing) {
  if (!closing_) closing_ = std::move(closing);
}

void WebSocketTransport::note(Severity severity, const std::string& text) {
  const auto level = severity == Severity::kError ? spdlog::level::err : spdlog::level::warn;
  state_->log().log(level, "{}: {}", name_, text);
}

void WebSocketTransport::write_next() {
  if (is_writing_ || is_close_sent_) return;
  if (!outgoing_.empty()) {
    is_writing_ = true;
    write_started_ = Clock::now();
    stream_.text(outgoing_.front().is_text);
    stream_.async_write(
        net::buffer(outgoing_.front().bytes),
        [self = shared_from_this()](const Error& error, std::size_t) { self->has_written(error); });
  } else if (closing_) {
    is_close_sent_ = true;
    const websocket::close_reason reason(static_cast<websocket::close_code>(closing_->code),
                                         closing_->reason.substr(0, kMaxReasonBytes));
    stream_.async_close(reason, [self = shared_from_this()](const Error&) { self->ended(""); });
  }
}

void WebSocketTransport::has_written(const Error& error) {
  is_writing_ = false;
  if (has_ended_) return;
  if (error) return ended("client: " + error.message());
  outgoing_.pop_front();
  last_activity_ = Clock::now();
  look();
}

/// When the client will have been silent for too long; without an end while it need not speak.
Clock::time_point WebSocketTransport::idle_deadline() const {
  const auto limit = state_->limits().idle_timeout;
  if (is_writing_) return write_started_ + limit;
  if (closing_) return Clock::now() + limit;  // async_close has its own time limit
  if (!conversation_->owes_reply()) return last_activity_ + limit;
  // The client need not say anything, but it answers pings while they can be read.
  return (is_reading_ ? std::max(last_received_, last_activity_) : Clock::now()) + limit;
}

Clock::time_point WebSocketTransport::next_ping() const {
  return std::max(last_received_, last_ping_) +
         state_->limits().idle_timeout / kPingsPerIdleTimeout;
}

/// Sets the timer. Both times move only forwards, so it need not be set again when they do.
void WebSocketTransport::watch() {
  timer_.expires_at(std::min(idle_deadline(), next_ping()));
  timer_.async_wait([self = shared_from_this()](const Error& cancelled) {
    if (!cancelled) self->check_time(kLooksBeforeTimeout);
  });
}

void WebSocketTransport::check_time(int looks_left) {
  if (has_ended_) return;
  const Clock::time_point now = Clock::now();
  if (idle_deadline() > now) {
    if (next_ping() <= now) ping();
    return watch();
  }
  if (looks_left > 0) {
    net::post(*state_->io,
              [self = shared_from_this(), looks_left] { self->check_time(looks_left - 1); });
    return;
  }
  if (is_writing_) return ended("the client does not read");
  last_activity_ = last_received_ = now;  // the end may take its time
  watch();
  converse([](Conversation& conversation) { conversation.end(Ending::kIdle); });
}

/// Lets the client show that it is there; the answer is only seen while the transport reads.
void WebSocketTransport::ping() {
  last_ping_ = Clock::now();
  if (!is_reading_ || closing_ || is_pinging_) return;
  is_pinging_ = true;
  stream_.async_ping({}, [self = shared_from_this()](const Error&) { self->is_pinging_ = false; });
}

void WebSocketTransport::finish() {
  if (!conversation_) return ended("the server shuts down");
  converse([](Conversation& conversation) { conversation.end(Ending::kShutdown); });
}

void WebSocketTransport::ended(const std::string& reason) {
  if (std::exchange(has_ended_, true)) return;
  std::string why = reason;
  if (closing_) {
    why = closing_->reason;
    if (!closing_->details.empty()) why += ": " + closing_->details;
  }
  const std::chrono::duration<double> lasted = Clock::now() - started_;
  state_->log().info("{}: ended after {:.1f} s with {:.1f} s of audio: {}", name_, lasted.count(),
                     conversation_ ? conversation_->audio_s() : 0.0, why);
  conversation_.reset();
  timer_.cancel();
  Error ignored;
  stream_.next_layer().close(ignored);
  listed_.reset();
  slot_.reset();
  state_->session_ended();
}

}  // namespace

void start_websocket(Socket socket, const UpgradeRequest& request,
                     std::shared_ptr<ServerState> state, std::shared_ptr<void> slot) {
  std::make_shared<WebSocketTransport>(std::move(socket), std::move(state), std::move(slot))
      ->start(request);
}

}  // namespace harpy
