#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "frontend/audio/pcm.hpp"
#include "service/protocols/vosk.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// A client's stream of audio over a WebSocket, in the Vosk protocol.
///
/// A reader and a writer coroutine joined by a channel of replies, and a watch over idle clients.
/// The recogniser's workers post their events to the I/O thread, which owns everything here. An
/// audio frame is answered when the samples up to its end are worked off. While too many replies
/// wait or the recogniser has no room, nothing is read, so that TCP slows the client down.
class WebSocketSession : public Connection, public std::enable_shared_from_this<WebSocketSession> {
 public:
  using Request = boost::beast::http::request<boost::beast::http::empty_body>;

  WebSocketSession(boost::beast::tcp_stream stream, std::shared_ptr<ServerState> state);

  boost::asio::awaitable<void> run(Request request);

  void finish() override;
  void abort() override;

 private:
  using Clock = std::chrono::steady_clock;
  using CloseReason = boost::beast::websocket::close_reason;

  /// What the writer sends: a text, a close frame or first the one, then the other.
  struct Outgoing {
    std::string text;
    std::optional<CloseReason> close;
  };

  boost::asio::awaitable<bool> accept(Request request);
  boost::asio::awaitable<void> read();
  boost::asio::awaitable<void> write();
  boost::asio::awaitable<void> watch();

  boost::asio::awaitable<void> take_text(std::string text);
  boost::asio::awaitable<void> take_audio(std::span<const std::byte> bytes);
  /// Waits until the session is recognised to its end and settles its last utterance.
  boost::asio::awaitable<void> end_session();
  template <typename Condition>
  boost::asio::awaitable<void> wait_until(Condition condition);

  void open_session();
  void on_event(const SessionEvent& event);
  /// Replies to the frames that are worked off.
  void answer();
  void send(Outgoing outgoing);
  void reply(std::string text);
  void close(boost::beast::websocket::close_code code, const char* reason);
  /// Tells the client what is wrong and closes.
  void fail(boost::beast::websocket::close_code code, const char* reason,
            const std::string& details);
  std::size_t waiting_replies() const { return awaited_.size() + unsent_count_; }
  Clock::time_point idle_deadline() const;

  boost::beast::websocket::stream<boost::beast::tcp_stream> stream_;
  std::shared_ptr<ServerState> state_;
  std::string name_;  ///< for log lines
  boost::asio::experimental::channel<void(boost::system::error_code, Outgoing)> outgoing_;
  boost::asio::steady_timer changed_;  ///< cancelled whenever a waiting coroutine must look again
  boost::asio::steady_timer idle_timer_;
  Clock::time_point last_activity_ = Clock::now();
  std::optional<Clock::time_point> write_started_;
  std::size_t unsent_count_ = 0;
  bool closing_ = false;     ///< nothing more is taken or replied
  bool going_away_ = false;  ///< the server ends; the session's last result is on its way
  bool gone_ = false;        ///< the reader has ended

  VoskSettings settings_;
  VoskReplies replies_;
  PcmDecoder decoder_{PcmCoding::kS16};
  std::vector<float> samples_;
  std::shared_ptr<Session> session_;  ///< from the first audio frame to a reset
  std::deque<std::int64_t> awaited_;  ///< samples at the end of each frame not yet replied to
  std::int64_t pushed_samples_ = 0;   ///< to session_
  std::int64_t worked_samples_ = 0;   ///< of them
  bool has_room_ = false;
  bool finishing_ = false;  ///< session_ gets no more samples
  bool ended_ = false;      ///< session_ has sent its last event
  double audio_s_ = 0.0;    ///< of sessions before session_
  std::string end_reason_;
};

}  // namespace harpy
