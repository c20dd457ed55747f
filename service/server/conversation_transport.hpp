#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <spdlog/common.h>

#include "service/protocols/conversation.hpp"
#include "service/protocols/protocol.hpp"
#include "service/server/client_watch.hpp"
#include "service/server/network.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// What all transports of a conversation have in common, whatever carries its messages: the queue
/// of what is sent, the events of sessions, the watch over the client, and the end. A carrier
/// derives from it, moves the bytes and knows nothing of protocols.
///
/// It reads while the conversation has room, so that otherwise TCP slows the client down; it writes
/// one message at a time and watches over clients that are silent, slow, gone or do not read.
/// Threads: the I/O thread.
class ConversationTransport : public Connection,
                              public Line,
                              public std::enable_shared_from_this<ConversationTransport> {
 public:
  void finish() final { end(Ending::kShutdown); }
  void give_up() final { end(Ending::kStop); }
  void abort() final { ended("stopped"); }

  void send_text(std::string text) final { send({std::move(text), true}); }
  void send_bytes(std::vector<std::byte> bytes) final;
  void close(Closing closing) final;
  std::size_t unsent_count() const final { return outgoing_.size(); }
  void count_command(std::size_t bytes) final { watch_.took_command(bytes, Clock::now()); }
  void note(Severity severity, const std::string& text) final;

 protected:
  using Error = boost::system::error_code;
  using Clock = std::chrono::steady_clock;

  struct Message {
    std::string bytes;
    bool is_text = true;
  };

  /// `slot` is kept until the connection ends.
  ConversationTransport(std::shared_ptr<ServerState> state, std::shared_ptr<ConnectionSlot> slot);

  /// Starts one read. When it is done, the carrier tells watch() what came, gives the conversation
  /// what it can by converse() and calls look(), or ended() if the client is gone.
  virtual void start_reading() = 0;
  /// Starts to write a message, which stays where it is until has_written is called.
  virtual void start_writing(const Message& message) = 0;
  /// Starts to say that nothing more comes and why; ended() is called when the client knows.
  virtual void start_closing(const Closing& closing) = 0;
  /// Lets the client show that it is there, where the carrier has a way to ask.
  virtual void start_ping() {}
  virtual void close_socket() = 0;

  /// Tells the log who has connected.
  void tell_opened();
  /// Lets the conversation have so many sessions more at once. Returns why not, if they are not
  /// free.
  std::optional<Refusal> take_more_sessions(int more);
  /// The client can be talked with.
  void begin(const MakeConversation& make);
  /// Calls the conversation and then does what has become possible.
  void converse(const std::function<void(Conversation&)>& action);
  /// Reads and writes as far as there is something to.
  void look();
  void has_written(const Error& error);
  /// Bytes of the client have come, perhaps the last ones of a message.
  void has_received(std::size_t bytes, bool is_message_done);
  /// The connection is over: tells the log and lets everything go.
  void ended(const std::string& reason);

  /// A handler that keeps the transport alive and does nothing once it has ended. What goes wrong
  /// in it ends this connection alone.
  template <typename Action>
  auto guarded(Action action) {
    return [self = shared_from_this(), action = std::move(action)](const auto&... results) {
      try {
        if (!self->has_ended_) action(results...);
      } catch (const std::exception& error) {
        self->break_off(error);
      }
    };
  }

  const ServerState& state() const { return *state_; }
  /// By which the client came.
  const ServedRequest& served_request() const { return request_; }
  ClientWatch& watch() { return watch_; }
  boost::asio::io_context& io() { return *state_->io; }
  const Conversation& conversation() const { return *conversation_; }
  /// Whether the carrier has started to close.
  bool has_said_all() const { return has_said_all_; }

 private:
  void break_off(const std::exception& error) noexcept;
  OpenSession session_opener();
  void take_event(const EventHandler& handler, const SessionEvent& event);
  void count_sessions(int more);
  void end(Ending ending);
  void read_next();
  void write_next();
  void send(Message message);

  Clock::time_point deadline(Clock::time_point now) const;
  /// Sets the timer, which need not be set again when a time changes: each ping is a look at all.
  void watch_time();
  void check_time(int looks_left);
  void tell(spdlog::level::level_enum level, const std::string& text);
  /// How the session has ended, as metrics call it.
  std::string_view outcome() const;

  std::shared_ptr<ServerState> state_;
  std::shared_ptr<ConnectionSlot> slot_;
  // Of the request by which the client came; the slot may be at the next one.
  const ServedRequest request_;
  const std::string client_address_;
  std::deque<Counted> counted_;  ///< wherever sessions count: the server's, a client's, …
  int session_count_ = 0;        ///< that the conversation may have at once
  std::string name_;             ///< for log lines
  std::optional<Listed> listed_;
  std::unique_ptr<Conversation> conversation_;  ///< from the handshake to the end

  std::deque<Message> outgoing_;         ///< the first one is being written if watch_.is_writing()
  std::optional<Closing> closing_;       ///< set once the conversation has closed
  std::optional<Ending> early_ending_;   ///< asked for before the conversation began
  std::optional<Ending> server_ending_;  ///< why the server ends the conversation, if it does
  bool has_said_all_ = false;
  bool has_ended_ = false;

  const Clock::time_point started_ = Clock::now();
  ClientWatch watch_;
  double heard_audio_s_ = 0.0;
  Timer timer_;
  Timer pause_;  ///< until the client may be read on
};

}  // namespace harpy
