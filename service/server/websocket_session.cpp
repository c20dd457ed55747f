#include "service/server/websocket_session.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace harpy {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace {

constexpr auto kAsTuple = net::as_tuple(net::use_awaitable);

std::string peer_name(const beast::tcp_stream& stream) {
  boost::system::error_code error;
  const auto peer = stream.socket().remote_endpoint(error);
  return error ? "a client that is gone"
               : peer.address().to_string() + " port " + std::to_string(peer.port());
}

/// The first subprotocol that a client offers. Some clients insist on an answer; whatever they call
/// it, Vosk's protocol is spoken.
std::string first_subprotocol(std::string_view offered) {
  const auto begin = offered.find_first_not_of(" \t,");
  if (begin == std::string_view::npos) return "";
  return std::string(offered.substr(begin, offered.find_first_of(" \t,", begin) - begin));
}

}  // namespace

WebSocketSession::WebSocketSession(beast::tcp_stream stream, std::shared_ptr<ServerState> state)
    : stream_(std::move(stream)),
      state_(std::move(state)),
      outgoing_(*state_->io, state_->limits().max_waiting_replies + 2),
      changed_(*state_->io),
      idle_timer_(*state_->io),
      settings_(state_->options.vosk) {
  name_ = "session " + std::to_string(++state_->last_session_id);
  state_->log().info("{}: opened by {}", name_, peer_name(stream_.next_layer()));
}

net::awaitable<void> WebSocketSession::run(Request request) {
  {
    const Listed listed(state_->sessions, *this);
    const auto started = Clock::now();
    try {
      if (co_await accept(std::move(request))) {
        const auto self = shared_from_this();
        net::co_spawn(
            *state_->io, [self] { return self->write(); }, net::detached);
        net::co_spawn(
            *state_->io, [self] { return self->watch(); }, net::detached);
        co_await read();
      }
    } catch (const std::exception& error) {
      end_reason_ = error.what();
    }
    gone_ = true;
    abort();
    const std::chrono::duration<double> lasted = Clock::now() - started;
    const double session_s = static_cast<double>(pushed_samples_) / settings_.sample_rate_hz;
    state_->log().info("{}: ended after {:.1f} s with {:.1f} s of audio: {}", name_, lasted.count(),
                       audio_s_ + session_s, end_reason_);
  }
  state_->session_ended();
}

net::awaitable<bool> WebSocketSession::accept(Request request) {
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
      [this](websocket::frame_type, beast::string_view) { last_activity_ = Clock::now(); });
  const auto [error] = co_await stream_.async_accept(request, kAsTuple);
  if (error) end_reason_ = "no handshake: " + error.message();
  last_activity_ = Clock::now();
  co_return !error;
}

net::awaitable<void> WebSocketSession::read() {
  beast::flat_buffer buffer;
  for (;;) {
    co_await wait_until(
        [this] { return waiting_replies() < state_->limits().max_waiting_replies; });
    const auto [error, size] = co_await stream_.async_read(buffer, kAsTuple);
    if (error) {
      if (end_reason_.empty()) end_reason_ = "client: " + error.message();
      co_return;
    }
    last_activity_ = Clock::now();
    const auto* bytes = static_cast<const std::byte*>(buffer.data().data());
    std::string problem;
    if (!closing_) {
      try {
        if (stream_.got_text()) {
          co_await take_text(std::string(reinterpret_cast<const char*>(bytes), size));
        } else {
          co_await take_audio({bytes, size});
        }
      } catch (const std::exception& thrown) {
        problem = thrown.what();
      }
    }
    if (!problem.empty()) fail(websocket::close_code::bad_payload, "bad message", problem);
    buffer.consume(buffer.size());
  }
}

net::awaitable<void> WebSocketSession::take_text(std::string text) {
  const VoskMessage message = parse_vosk_message(text, settings_);
  if (message.settings) {
    if (session_ && message.settings->sample_rate_hz != settings_.sample_rate_hz) {
      throw std::runtime_error("sample_rate cannot change within the audio; send a reset first");
    }
    settings_ = *message.settings;
    for (const std::string_view key : message.ignored_keys) {
      state_->log().warn("{}: config key {} is not supported and ignored", name_, key);
    }
  }
  if (!message.reset && !message.eof) co_return;
  co_await end_session();
  if (closing_) co_return;
  reply(replies_.reply_to_end(settings_));
  if (message.eof) close(websocket::close_code::normal, "end of audio");
}

net::awaitable<void> WebSocketSession::take_audio(std::span<const std::byte> bytes) {
  samples_.clear();
  decoder_.decode(bytes, samples_);
  if (!session_) open_session();
  has_room_ = false;
  while (session_->push(samples_) == PushResult::kFull) {
    co_await wait_until([this] { return has_room_; });
    if (closing_) co_return;
    has_room_ = false;
  }
  pushed_samples_ += static_cast<std::int64_t>(samples_.size());
  awaited_.push_back(pushed_samples_);
  answer();
}

net::awaitable<void> WebSocketSession::end_session() {
  if (!session_) co_return;
  finishing_ = true;
  session_->finish();
  co_await wait_until([this] { return ended_; });
  session_.reset();
  finishing_ = false;
  decoder_ = PcmDecoder(PcmCoding::kS16);
  audio_s_ += static_cast<double>(pushed_samples_) / settings_.sample_rate_hz;
  pushed_samples_ = 0;
  worked_samples_ = 0;
}

template <typename Condition>
net::awaitable<void> WebSocketSession::wait_until(Condition condition) {
  while (!closing_ && !condition()) {
    changed_.expires_at(Clock::time_point::max());
    co_await changed_.async_wait(kAsTuple);
  }
}

void WebSocketSession::open_session() {
  ended_ = false;
  replies_.set_time_offset(audio_s_);
  session_ = state_->recognizer.open(
      {.sample_rate_hz = settings_.sample_rate_hz, .progress = true},
      [io = state_->io, weak = weak_from_this()](const SessionEvent& event) {
        net::post(*io, [weak, event] {
          if (const auto self = weak.lock()) self->on_event(event);
        });
      });
}

void WebSocketSession::on_event(const SessionEvent& event) {
  if (closing_) return;
  switch (event.kind) {
    case EventKind::kPartial:
    case EventKind::kFinal:
      replies_.accept(event);
      return;
    case EventKind::kProgress:
      worked_samples_ = event.sample_count;
      answer();
      return;
    case EventKind::kRoom:
      has_room_ = true;
      break;
    case EventKind::kError:
      state_->log().error("{}: recognition failed: {}", name_, event.error);
      fail(websocket::close_code::internal_error, "recognition failed", "recognition failed");
      break;
    case EventKind::kEnd:
      ended_ = true;
      if (going_away_) {
        reply(replies_.reply_to_end(settings_));
        close(websocket::close_code::going_away, "the server shuts down");
      }
      break;
  }
  changed_.cancel();
}

void WebSocketSession::answer() {
  while (!closing_ && !awaited_.empty() && awaited_.front() <= worked_samples_) {
    awaited_.pop_front();
    reply(replies_.reply_to_audio(settings_));
  }
}

void WebSocketSession::reply(std::string text) {
  ++unsent_count_;
  send({.text = std::move(text), .close = {}});
}

void WebSocketSession::send(Outgoing outgoing) {
  // There is room: the reader waits while max_waiting_replies are unsent.
  outgoing_.try_send(boost::system::error_code(), std::move(outgoing));
}

void WebSocketSession::close(websocket::close_code code, const char* reason) {
  closing_ = true;
  if (end_reason_.empty()) end_reason_ = reason;
  if (session_) session_->cancel();
  awaited_.clear();
  send({.text = {}, .close = CloseReason(code, reason)});
  changed_.cancel();
}

void WebSocketSession::fail(websocket::close_code code, const char* reason,
                            const std::string& details) {
  if (closing_) return;
  end_reason_ = std::string(reason) + ": " + details;
  reply(vosk_error(details));
  close(code, reason);
}

net::awaitable<void> WebSocketSession::write() {
  stream_.text(true);
  for (;;) {
    const auto [closed, outgoing] = co_await outgoing_.async_receive(kAsTuple);
    if (closed) co_return;
    write_started_ = Clock::now();
    boost::system::error_code error;
    if (!outgoing.text.empty()) {
      std::tie(error, std::ignore) =
          co_await stream_.async_write(net::buffer(outgoing.text), kAsTuple);
      --unsent_count_;
    }
    if (!error && outgoing.close) {
      co_await stream_.async_close(*outgoing.close, kAsTuple);
      co_return;
    }
    write_started_.reset();
    last_activity_ = Clock::now();
    if (error) {
      if (end_reason_.empty()) end_reason_ = "client: " + error.message();
      abort();
      co_return;
    }
    changed_.cancel();
  }
}

WebSocketSession::Clock::time_point WebSocketSession::idle_deadline() const {
  const auto limit = state_->limits().idle_timeout;
  if (write_started_) return *write_started_ + limit;
  const bool recognising = session_ && !ended_ && (!awaited_.empty() || finishing_);
  return (recognising || closing_ ? Clock::now() : last_activity_) + limit;
}

net::awaitable<void> WebSocketSession::watch() {
  while (!gone_) {
    const auto deadline = idle_deadline();
    if (deadline > Clock::now()) {
      idle_timer_.expires_at(deadline);
      co_await idle_timer_.async_wait(kAsTuple);
    } else if (write_started_) {
      end_reason_ = "the client does not read";
      abort();
      co_return;
    } else {
      close(websocket::close_code::policy_error, "nothing received for too long");
    }
  }
}

void WebSocketSession::finish() {
  if (closing_ || going_away_) return;
  going_away_ = true;
  if (session_ && !ended_) {
    finishing_ = true;
    session_->finish();
  } else {
    close(websocket::close_code::going_away, "the server shuts down");
  }
}

void WebSocketSession::abort() {
  closing_ = true;
  if (session_) session_->cancel();
  stream_.next_layer().close();
  outgoing_.close();
  changed_.cancel();
  idle_timer_.cancel();
}

}  // namespace harpy
