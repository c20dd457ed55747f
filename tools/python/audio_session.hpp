#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "service/recognizer/event_queue.hpp"
#include "service/recognizer/recognizer.hpp"

namespace harpy::tools {

/// A session for a caller who waits: for room for its samples, and for events. Threads: any; one
/// may push while another takes events.
class AudioSession {
 public:
  /// Called every tenth of a second while a call waits; what it throws ends the call.
  using WhileWaiting = std::function<void()>;

  /// Errors: as Recognizer::open.
  AudioSession(std::shared_ptr<Recognizer> recognizer, const SessionOptions& options);
  ~AudioSession();
  AudioSession(const AudioSession&) = delete;
  AudioSession& operator=(const AudioSession&) = delete;

  /// Gives samples, which are in [-1, 1], to the session; waits while it has no room.
  void push(std::span<const float> samples, const WhileWaiting& while_waiting);
  void finish() { session_->finish(); }
  /// Forgets what is pending; no events follow.
  void cancel();

  /// The next event, for which it waits; nothing after the last one.
  /// Errors: std::invalid_argument if the session's options were refused, std::runtime_error if
  /// recognition failed, with what the session says.
  std::optional<SessionEvent> next(const WhileWaiting& while_waiting);
  /// The next event, if one is there. Errors: as next.
  std::optional<SessionEvent> poll();
  /// Whether no events follow.
  bool has_ended() const { return has_ended_; }

  /// A descriptor that can be read when events may be there that poll has not looked for.
  int descriptor() const;

 private:
  /// What the session's handler touches, which may be called after this object has gone.
  struct Mailbox;

  /// An event for the caller; nothing for the session's last one.
  std::optional<SessionEvent> opened(SessionEvent event);

  std::shared_ptr<Recognizer> recognizer_;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<Session> session_;
  std::atomic<bool> has_ended_ = false;
};

/// Pushes all samples of a session and finishes it; the finals with words.
/// Errors: as AudioSession::next.
std::vector<SessionEvent> recognize_whole(
    AudioSession& session, const std::function<std::span<const float>()>& next_samples,
    const AudioSession::WhileWaiting& while_waiting);

}  // namespace harpy::tools
