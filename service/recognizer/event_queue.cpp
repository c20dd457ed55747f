#include "service/recognizer/event_queue.hpp"

#include <utility>

namespace harpy {

void EventQueue::put(const SessionEvent& event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
  }
  has_come_.notify_one();
  if (on_event_) on_event_();
}

SessionEvent EventQueue::take() {
  std::unique_lock lock(mutex_);
  has_come_.wait(lock, [this] { return !events_.empty(); });
  return take_front();
}

std::optional<SessionEvent> EventQueue::take_within(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  if (!has_come_.wait_for(lock, patience, [this] { return !events_.empty(); })) return std::nullopt;
  return take_front();
}

SessionEvent EventQueue::take_front() {
  SessionEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace harpy
