#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

namespace harpy {

class Session;

/// The sessions with work to do, oldest first. A session stands in it at most once.
class SessionQueue {
 public:
  void put(std::shared_ptr<Session> session);

  /// Waits for a session; null once the queue is closed.
  std::shared_ptr<Session> take();
  /// As take, but does not wait: null if no session is there.
  std::shared_ptr<Session> try_take();

  /// Lets every waiting and future take return null.
  void close();

 private:
  std::shared_ptr<Session> take_oldest();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Session>> ready_;
  bool closed_ = false;
};

}  // namespace harpy
