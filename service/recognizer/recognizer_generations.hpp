#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "service/recognizer/recognizer_set.hpp"

namespace harpy {

/// Replaces running recognizers by new ones, as when the files of their models have changed.
/// Sessions keep the recognizer that they were opened by; it lives until the last of them has
/// ended.
///
/// All that takes time is done by a thread of its own. Threads: any.
class RecognizerGenerations {
 public:
  struct Calls {
    /// Makes recognizers. Errors: any; then the running ones stay.
    std::function<RecognizerSet()> make;
    /// Lets sessions that begin from now on be opened by these.
    std::function<void(const RecognizerSet&)> use;
    /// Is told why new ones could not be made.
    std::function<void(const std::string&)> failed;
  };

  /// Makes the first ones. Errors: those of `make`. The others are called by the thread.
  explicit RecognizerGenerations(Calls calls);

  /// The first ones, for whoever uses them until `use` is called; to be taken once.
  RecognizerSet take_first() { return std::move(first_); }

  /// Asks for new ones; does not wait. Asking again before it is begun asks once.
  void renew();

 private:
  void run(const std::stop_token& stop);
  void keep(const RecognizerSet& newest);
  void make_next();

  const Calls calls_;
  RecognizerSet first_;
  /// Recognizers in use now or earlier, newest last. They are kept so that thread_ destroys them:
  /// the thread that ends the last session would have to wait for their workers. Used by thread_
  /// alone.
  std::vector<std::shared_ptr<Recognizer>> living_;
  std::size_t newest_count_ = 0;  ///< of them, those that are in use now
  std::mutex mutex_;              ///< guards what follows
  std::condition_variable_any changed_;
  bool is_asked_ = false;
  std::jthread thread_;
};

}  // namespace harpy
