#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include "service/recognizer/session_event.hpp"

namespace harpy {

/// A session's events for a user who takes them instead of being called: those of its worker wait
/// here, in their order, until they are taken. Threads: any. A session and its user share it, since
/// a worker may still bring an event after the user has gone.
class EventQueue {
 public:
  /// `on_event` is called after each event has come, by the worker that brings it; it must not
  /// block.
  explicit EventQueue(std::function<void()> on_event = {}) : on_event_(std::move(on_event)) {}

  void put(const SessionEvent& event);

  /// The next event, for which it waits.
  SessionEvent take();
  /// The next event, for which it waits so long at most.
  std::optional<SessionEvent> take_within(std::chrono::milliseconds patience);

 private:
  SessionEvent take_front();

  const std::function<void()> on_event_;
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable has_come_;
  std::deque<SessionEvent> events_;
};

}  // namespace harpy
