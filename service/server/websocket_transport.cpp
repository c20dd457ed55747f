#include "service/server/websocket_transport.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "models/files/escaped_text.hpp"
#include "service/server/client_watch.hpp"
#include "service/server/request_checks.hpp"

namespace harpy {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace {

using Error = boost::system::error_code;
using Clock = std::chrono::steady_clock;
using LogLevel = spdlog::level::level_enum;

constexpr std::size_t kMaxReasonBytes = 120;  ///< of a close frame
constexpr std::size_t kWebSocketReadBytes = std::size_t{64} << 10;
/// Room for so much is kept between messages; what a longer message took is given back.
constexpr std::size_t kKeptMessageBytes = std::size_t{64} << 10;
/// How often the I/O thread looks for input and events before it believes that a time is over: once
/// finds what is queued, the second time what the operating system had when the first began.
constexpr int kLooksBeforeTimeout = 2;

class WebSocketTransport : public Connection,
                           public Line,
                           public std::enable_shared_from_this<WebSocketTransport> {
 public:
  WebSocketTransport(UpgradedSocket socket, std::shared_ptr<ServerState> state,
                     std::shared_ptr<ConnectionSlot> slot);

  void start(const UpgradeRequest& request);

  void finish() override { end(Ending::kShutdown); }
  void give_up() override { end(Ending::kStop); }
  void abort() override { ended("stopped"); }

  void send_text(std::string text) override { send({std::move(text), true}); }
  void send_bytes(std::vector<std::byte> bytes) override;
  void close(Closing closing) override;
  std::size_t unsent_count() const override { return outgoing_.size(); }
  void count_command(std::size_t bytes) override { watch_.took_command(bytes, Clock::now()); }
  void note(Severity severity, const std::string& text) override;

 private:
  struct Message {
    std::string bytes;
    bool is_text = true;
  };

  /// A handler that keeps the transport alive. What goes wrong in it ends this connection alone.
  template <typename Action>
  auto guarded(Action action);
  void break_off(const std::exception& error) noexcept;

  void accepted(const Error& error);
  OpenSession session_opener();
  /// Calls the conversation and then does what has become possible.
  template <typename Action>
  void converse(const Action& action);
  void end(Ending ending);
  void look();

  void read_next();
  void has_read(const Error& error, std::size_t size);
  void take_message();
  void has_received(websocket::frame_type kind);

  void take_event(const EventHandler& handler, const SessionEvent& event);

  void send(Message message);
  void write_next();
  void has_written(const Error& error);

  Clock::time_point deadline(Clock::time_point now) const;
  void watch();
  void check_time(int looks_left);
  void ping();

  /// The connection is over: tells the log and lets everything go.
  void ended(const std::string& reason);
  void tell(LogLevel level, const std::string& text);

  websocket::stream<UpgradedSocket, false> stream_;  ///< without compression
  std::shared_ptr<ServerState> state_;
  std::shared_ptr<ConnectionSlot> slot_;
  std::optional<Counted> of_client_;  ///< among the sessions of the client's address
  std::string name_;                  ///< for log lines
  std::optional<Listed> listed_;
  std::unique_ptr<Conversation> conversation_;  ///< from the handshake to the end

  beast::flat_buffer incoming_;
  std::deque<Message> outgoing_;        ///< the first one is being written if watch_.is_writing()
  std::optional<Closing> closing_;      ///< set once the conversation has closed
  std::optional<Ending> early_ending_;  ///< asked for before the handshake was done
  bool is_close_sent_ = false;
  bool is_pinging_ = false;
  bool has_ended_ = false;

  const Clock::time_point started_ = Clock::now();
  ClientWatch watch_;
  double heard_audio_s_ = 0.0;
  Timer timer_;
  Timer pause_;  ///< until the client may be read on
};

WebSocketTransport::WebSocketTransport(UpgradedSocket socket, std::shared_ptr<ServerState> state,
                                       std::shared_ptr<ConnectionSlot> slot)
    : stream_(std::move(socket)),
      state_(std::move(state)),
      slot_(std::move(slot)),
      of_client_(std::in_place, slot_->client().session_count),
      name_("session " + std::to_string(++state_->counts.sessions)),
      listed_(std::in_place, state_->sessions, *this),
      watch_(state_->limits(), started_),
      timer_(*state_->io),
      pause_(*state_->io) {}

template <typename Action>
auto WebSocketTransport::guarded(Action action) {
  return [self = shared_from_this(), action = std::move(action)](const auto&... results) {
    try {
      if (!self->has_ended_) action(*self, results...);
    } catch (const std::exception& error) {
      self->break_off(error);
    }
  };
}

void WebSocketTransport::break_off(const std::exception& error) noexcept {
  try {
    note(Severity::kError, error.what());
    if (!conversation_ || closing_) return ended("internal error");
    close({.code = close_code::kInternalError, .reason = "internal error", .details = {}});
    look();
    watch();
  } catch (const std::exception&) {
    ended("internal error");
  }
}

void WebSocketTransport::start(const UpgradeRequest& request) {
  Error error;
  const auto peer = beast::get_lowest_layer(stream_).remote_endpoint(error);
  tell(LogLevel::info, "opened by " + (error ? "a client that is gone"
                                             : peer.address().to_string() + " port " +
                                                   std::to_string(peer.port())));
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
  stream_.async_accept(request, guarded([](WebSocketTransport& self, const Error& failure) {
                         self.accepted(failure);
                       }));
}

void WebSocketTransport::accepted(const Error& error) {
  if (error) return ended("no handshake: " + error.message());
  watch_.opened(Clock::now());
  conversation_ = state_->make_conversation(*this, session_opener());
  watch();
  if (early_ending_) return end(*early_ending_);
  look();
}

OpenSession WebSocketTransport::session_opener() {
  return [weak = weak_from_this(), io = state_->io, recognizer = state_->recognizer](
             const SessionOptions& options, EventHandler handler) {
    // Called on a worker's thread.
    return recognizer->open(options,
                            [weak, io, handler = std::move(handler)](const SessionEvent& event) {
                              net::post(*io, [weak, handler, event] {
                                if (const auto self = weak.lock()) self->take_event(handler, event);
                              });
                            });
  };
}

void WebSocketTransport::take_event(const EventHandler& handler, const SessionEvent& event) {
  guarded(
      [&](WebSocketTransport& self) { self.converse([&](Conversation&) { handler(event); }); })();
}

template <typename Action>
void WebSocketTransport::converse(const Action& action) {
  try {
    action(*conversation_);
  } catch (const std::exception& error) {
    note(Severity::kError, error.what());
    close({.code = close_code::kInternalError, .reason = "internal error", .details = {}});
  }
  if (const double audio_s = conversation_->audio_s(); audio_s > heard_audio_s_) {
    heard_audio_s_ = audio_s;
    watch_.took_audio(Clock::now());
  }
  look();
}

void WebSocketTransport::end(Ending ending) {
  if (!conversation_) {
    early_ending_ = ending;
    return;
  }
  converse([ending](Conversation& conversation) { conversation.end(ending); });
}

void WebSocketTransport::look() {
  read_next();
  write_next();
}

void WebSocketTransport::read_next() {
  if (watch_.is_reading() || closing_ || conversation_->input_room() == 0) return;
  const Clock::time_point now = Clock::now();
  if (!watch_.may_command(now)) {
    pause_.expires_at(watch_.next_command());
    pause_.async_wait(guarded([](WebSocketTransport& self, const Error& cancelled) {
      if (!cancelled) self.look();
    }));
    return;
  }
  watch_.reading(now);
  stream_.async_read_some(incoming_, kWebSocketReadBytes,
                          guarded([](WebSocketTransport& self, const Error& error,
                                     std::size_t size) { self.has_read(error, size); }));
}

void WebSocketTransport::has_read(const Error& error, std::size_t size) {
  watch_.received(size, stream_.is_message_done(), Clock::now());
  if (error && is_close_sent_) return;
  if (error) return ended("client: " + error.message());
  // What is too long for a text need not be read to its end to be refused.
  const bool is_too_long = stream_.got_text() && incoming_.size() > state_->limits().max_text_bytes;
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
void WebSocketTransport::has_received(websocket::frame_type kind) {
  if (kind == websocket::frame_type::close) return;
  if (watch_.received_control(kind == websocket::frame_type::ping, Clock::now())) return;
  close({.code = close_code::kPolicy, .reason = "too many pings", .details = {}});
  net::post(*state_->io, guarded([](WebSocketTransport& self) { self.look(); }));
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

void WebSocketTransport::write_next() {
  if (watch_.is_writing() || is_close_sent_) return;
  if (!outgoing_.empty()) {
    watch_.writing(Clock::now());
    stream_.text(outgoing_.front().is_text);
    stream_.async_write(net::buffer(outgoing_.front().bytes),
                        guarded([](WebSocketTransport& self, const Error& error, std::size_t) {
                          self.has_written(error);
                        }));
  } else if (closing_) {
    is_close_sent_ = true;
    const websocket::close_reason reason(static_cast<websocket::close_code>(closing_->code),
                                         closing_->reason.substr(0, kMaxReasonBytes));
    stream_.async_close(reason,
                        guarded([](WebSocketTransport& self, const Error&) { self.ended(""); }));
  }
}

void WebSocketTransport::has_written(const Error& error) {
  watch_.written(Clock::now());
  if (error) return ended("client: " + error.message());
  outgoing_.pop_front();
  look();
}

/// When the client will have been silent, slow or deaf for too long.
Clock::time_point WebSocketTransport::deadline(Clock::time_point now) const {
  if (watch_.is_writing()) return watch_.last_write_time();
  if (closing_) return now + state_->limits().idle_timeout;  // async_close has its own time limit
  return watch_.end(conversation_->owes_reply(), now).time;
}

/// Sets the timer, which need not be set again when a time changes: each ping is a look at all.
void WebSocketTransport::watch() {
  timer_.expires_at(std::min(deadline(Clock::now()), watch_.next_ping()));
  timer_.async_wait(guarded([](WebSocketTransport& self, const Error& cancelled) {
    if (!cancelled) self.check_time(kLooksBeforeTimeout);
  }));
}

void WebSocketTransport::check_time(int looks_left) {
  const Clock::time_point now = Clock::now();
  if (deadline(now) > now) {
    if (watch_.next_ping() <= now) ping();
    return watch();
  }
  if (looks_left > 0) {
    net::post(*state_->io,
              guarded([looks_left](WebSocketTransport& self) { self.check_time(looks_left - 1); }));
    return;
  }
  if (watch_.is_writing()) return ended("the client does not read");
  const Ending ending = watch_.end(conversation_->owes_reply(), now).ending;
  watch_.opened(now);  // the end may take its time
  watch();
  end(ending);
}

/// Lets the client show that it is there; the answer is only seen while the transport reads.
void WebSocketTransport::ping() {
  watch_.pinged(Clock::now());
  if (!watch_.is_reading() || closing_ || is_pinging_) return;
  is_pinging_ = true;
  stream_.async_ping(
      {}, guarded([](WebSocketTransport& self, const Error&) { self.is_pinging_ = false; }));
}

void WebSocketTransport::note(Severity severity, const std::string& text) {
  tell(severity == Severity::kError ? LogLevel::err : LogLevel::warn, text);
}

void WebSocketTransport::tell(LogLevel level, const std::string& text) {
  state_->tell_of_client(slot_->address(), level, name_ + ": " + escape_for_line(text));
}

void WebSocketTransport::ended(const std::string& reason) {
  if (std::exchange(has_ended_, true)) return;
  std::string why = reason;
  if (closing_) {
    why = closing_->reason;
    if (!closing_->details.empty()) why += ": " + closing_->details;
  }
  tell(LogLevel::info, fmt::format("ended after {:.1f} s with {:.1f} s of audio: {}",
                                   std::chrono::duration<double>(Clock::now() - started_).count(),
                                   conversation_ ? conversation_->audio_s() : 0.0, why));
  conversation_.reset();
  timer_.cancel();
  pause_.cancel();
  Error ignored;
  beast::get_lowest_layer(stream_).close(ignored);
  listed_.reset();
  of_client_.reset();
  slot_.reset();
  state_->session_ended();
}

}  // namespace

void start_websocket(UpgradedSocket socket, const UpgradeRequest& request,
                     std::shared_ptr<ServerState> state, std::shared_ptr<ConnectionSlot> slot) {
  std::make_shared<WebSocketTransport>(std::move(socket), std::move(state), std::move(slot))
      ->start(request);
}

}  // namespace harpy
