#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

namespace harpy {

class SessionJob;

/// The sessions that have work to do, in the order in which they came to have it. A session stands
/// in the queue at most once, because its inbox announces it only once. Threads: any.
class SessionQueue {
 public:
  void put(std::shared_ptr<SessionJob> job);

  /// Waits for a session; null once the queue is closed.
  std::shared_ptr<SessionJob> take();
  /// As take, but does not wait: null if no session is there.
  std::shared_ptr<SessionJob> try_take();

  /// Lets every waiting and future take return null.
  void close();

 private:
  std::shared_ptr<SessionJob> take_oldest();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<SessionJob>> ready_;
  bool closed_ = false;
};

}  // namespace harpy
