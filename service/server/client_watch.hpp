#pragma once

#include <chrono>
#include <cstddef>

#include "service/protocols/conversation.hpp"
#include "service/server/limits.hpp"
#include "service/server/token_bucket.hpp"

namespace harpy {

/// Watches over what the client of a session does and does not: knows since when it is silent, slow
/// or does not read, and until when it may be. It knows no sockets; the caller tells the time.
///
/// The client's time runs only while it can do something about it: not for a message that the
/// server does not read on, nor for silence while a reply is owed to it.
class ClientWatch {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  ClientWatch(const ServerLimits& limits, Time now);

  /// The session begins.
  void opened(Time now);
  /// The server begins to read on, and has read: bytes of a message, perhaps its last ones.
  void reading(Time now);
  void received(std::size_t bytes, bool is_message_done, Time now);
  /// A ping or pong of the client. Returns whether it may send as many.
  bool received_control(bool is_ping, Time now);
  /// The client has sent audio.
  void took_audio(Time now) { last_audio_ = now; }
  /// The client has sent something else, in so many bytes.
  void took_command(std::size_t bytes, Time now);
  /// A message to the client begins to be written, and is written.
  void writing(Time now);
  void written(Time now);
  void pinged(Time now) { last_ping_ = now; }

  /// Whether the client may be read on, for all the commands that it has sent, and else when.
  bool may_command(Time now) { return commands_.has_tokens(now); }
  Time next_command() const { return commands_.next_tokens(); }

  bool is_reading() const { return is_reading_; }
  bool is_writing() const { return is_writing_; }

  /// When something is to be done about the client, unless it does something itself.
  struct Deadline {
    Time time;
    Ending ending = Ending::kIdle;
  };
  /// When the session is to be ended, and why. `owes_reply`: the client waits for a reply.
  Deadline end(bool owes_reply, Time now) const;
  /// When the client is to be given up that takes nothing of what is written.
  Time last_write_time() const { return write_began_ + limits_.idle_timeout; }
  /// When the client is to be asked whether it is there.
  Time next_ping() const;

 private:
  bool is_within_message() const { return message_bytes_ > 0; }

  ServerLimits limits_;
  TokenBucket commands_;
  TokenBucket controls_;
  Time opened_;
  Time last_activity_;  ///< a message or ping of the client, or one written to it
  Time last_received_;  ///< anything of the client, answers to pings too
  Time last_audio_;
  Time last_ping_;
  Time write_began_;    ///< of the message being written
  Time message_began_;  ///< of the message being read, moved on by the pauses of the server
  Time reading_ended_;  ///< when the server paused
  std::size_t message_bytes_ = 0;  ///< of the message being read
  bool is_reading_ = false;
  bool is_writing_ = false;
};

}  // namespace harpy
