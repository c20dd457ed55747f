#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "service/recognizer/session_schedule.hpp"

namespace harpy {

/// The sessions that have work to do, from which workers take the one whose turn it is. A session
/// stands in the queue at most once, because its inbox announces it only once. Threads: any.
class SessionQueue {
 public:
  void put(std::shared_ptr<SessionJob> job, const Urgency& urgency);

  /// Waits for a session; none once the queue is closed.
  ScheduledSession take();
  /// As take, but does not wait: none if no session is there.
  ScheduledSession try_take();
  /// A worker has spent so much time on a session that it took.
  void spent(const ScheduledSession& session, SessionSchedule::Duration time);

  /// Lets every waiting and future take return none.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  SessionSchedule ready_;
  bool closed_ = false;
};

}  // namespace harpy
