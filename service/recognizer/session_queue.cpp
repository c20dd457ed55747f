#include "service/recognizer/session_queue.hpp"

namespace harpy {

void SessionQueue::put(std::shared_ptr<SessionJob> job) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    ready_.push_back(std::move(job));
  }
  changed_.notify_one();
}

std::shared_ptr<SessionJob> SessionQueue::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !ready_.empty(); });
  return take_oldest();
}

std::shared_ptr<SessionJob> SessionQueue::try_take() {
  const std::lock_guard lock(mutex_);
  return take_oldest();
}

/// The mutex is held.
std::shared_ptr<SessionJob> SessionQueue::take_oldest() {
  if (ready_.empty()) return nullptr;
  std::shared_ptr<SessionJob> job = std::move(ready_.front());
  ready_.pop_front();
  return job;
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
