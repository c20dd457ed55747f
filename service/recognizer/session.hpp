#pragma once

#include <span>

namespace harpy {

enum class PushResult { kAccepted, kFull };

/// One user's stream of audio through a Recognizer, as the user sees it: push samples, finish,
/// receive events (session_event.hpp). Recognizer::open makes one.
///
/// The words do not depend on how the audio is cut into pushes. Threads: push, finish and cancel
/// may be called from any thread, also from the event handler; none of them waits for recognition.
class Session {
 public:
  virtual ~Session() = default;

  /// Takes all of the samples, which are in [-1, 1], or none of them if too much audio waits to be
  /// recognised; an event of the kind kRoom then says when to push them again. After finish, cancel
  /// or an error, samples are taken and forgotten.
  virtual PushResult push(std::span<const float> samples) = 0;

  /// Says that no more samples follow. What is pending is recognised, then the last kFinal and kEnd
  /// are sent.
  virtual void finish() = 0;

  /// Forgets what is pending. A worker that is busy with the session at this moment may still send
  /// the events of its turn; no others follow.
  virtual void cancel() = 0;
};

}  // namespace harpy
