#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "service/recognizer/recognizer.hpp"

namespace harpy {

/// Replaces a running recognizer by a new one, as when the files of its model have changed.
/// Sessions keep the recognizer that they were opened by; it lives until the last of them has
/// ended.
///
/// All that takes time is done by a thread of its own. Threads: any.
class RecognizerGenerations {
 public:
  struct Calls {
    /// Makes a recognizer. Errors: any; then the running one stays.
    std::function<std::shared_ptr<Recognizer>()> make;
    /// Lets sessions that begin from now on be opened by this one.
    std::function<void(const std::shared_ptr<Recognizer>&)> use;
    /// Is told why a new one could not be made.
    std::function<void(const std::string&)> failed;
  };

  /// Makes the first one. Errors: those of `make`. The others are called by the thread.
  explicit RecognizerGenerations(Calls calls);

  /// The first one, for whoever uses it until `use` is called; to be taken once.
  std::shared_ptr<Recognizer> take_first() { return std::move(first_); }

  /// Asks for a new one; does not wait. Asking again before it is begun asks once.
  void renew();

 private:
  void run(const std::stop_token& stop);
  void make_next();

  const Calls calls_;
  std::shared_ptr<Recognizer> first_;
  /// Those that are in use or were, newest last: so that none is destroyed by whoever happens to
  /// end its last session, which would have to wait for its workers. The thread's.
  std::vector<std::shared_ptr<Recognizer>> living_;
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable_any changed_;
  bool is_asked_ = false;
  std::jthread thread_;
};

}  // namespace harpy
