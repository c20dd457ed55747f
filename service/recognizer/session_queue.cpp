#include "service/recognizer/session_queue.hpp"

#include <utility>

namespace harpy {

void SessionQueue::put(std::shared_ptr<SessionJob> job, const Urgency& urgency) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    ready_.put(std::move(job), urgency);
  }
  changed_.notify_one();
}

ScheduledSession SessionQueue::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !ready_.empty(); });
  return ready_.take();
}

ScheduledSession SessionQueue::try_take() {
  const std::lock_guard lock(mutex_);
  return ready_.take();
}

void SessionQueue::spent(const ScheduledSession& session, SessionSchedule::Duration time) {
  const std::lock_guard lock(mutex_);
  ready_.spent(session, time);
}

void SessionQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    ready_.clear();
  }
  changed_.notify_all();
}

}  // namespace harpy
