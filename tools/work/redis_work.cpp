#include "tools/work/redis_work.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "tools/terminal/messages.hpp"
#include "tools/work/redis_queue.hpp"

namespace harpy::tools {

namespace {

constexpr std::chrono::milliseconds kPause{200};

std::string consumer_name() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return std::string(host.data()) + "-" + std::to_string(::getpid());
}

/// The threads of one worker.
class RedisWorker {
 public:
  RedisWorker(const RedisWorkOptions& options, const LineAnswerer& answer,
              const std::function<bool()>& should_stop)
      : options_(options), answer_(answer), should_stop_(should_stop) {}

  void run() {
    {
      const RedisQueue tried(options_, consumer_);  // a wrong address is an error, a later loss not
    }
    {
      std::jthread alive([this](const std::stop_token& stop) { guard([&] { stay_alive(stop); }); });
      std::vector<std::jthread> threads;
      threads.reserve(static_cast<std::size_t>(options_.thread_count));
      for (int index = 0; index < options_.thread_count; ++index) {
        threads.emplace_back([this] { guard([this] { work(); }); });
      }
    }
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  using Connection = std::unique_ptr<RedisQueue>;

  /// Runs a thread; an exception of it ends the worker.
  template <typename Action>
  void guard(const Action& action) {
    try {
      action();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      has_failed_ = true;
    }
  }

  bool is_stopping() const { return has_failed_ || should_stop_(); }

  /// Does something with a connection. If that is lost, waits for a new one and does it again.
  /// Errors: RedisUnreachable if the worker shall stop meanwhile.
  template <typename Action>
  auto with_connection(Connection& connection, const Action& action) {
    for (;;) {
      try {
        if (connection == nullptr) connection = std::make_unique<RedisQueue>(options_, consumer_);
        return action(*connection);
      } catch (const RedisUnreachable& lost) {
        connection = nullptr;
        if (is_stopping()) throw;
        tell_warning(std::string(lost.what()) + "; trying again");
        std::this_thread::sleep_for(std::chrono::seconds(1));
      }
    }
  }

  void work() {
    Connection connection;
    while (!is_stopping()) {
      if (with_connection(connection, [](RedisQueue& queue) { return queue.is_full(); })) {
        std::this_thread::sleep_for(kPause);
        continue;
      }
      const auto entry =
          with_connection(connection, [](RedisQueue& queue) { return queue.take(); });
      if (entry) {
        work_on(*entry, connection);
      } else if (options_.until_empty &&
                 with_connection(connection, [](RedisQueue& queue) { return queue.is_empty(); })) {
        return;
      }
    }
  }

  void work_on(const QueueEntry& entry, Connection& connection) {
    hold(entry.id);
    const LineAnswer answer = entry.delivery_count > options_.tries
                                  ? give_up(entry)
                                  : answer_(entry.line, "entry " + entry.id);
    // What has failed is left for whoever claims it later, as often as it may be tried.
    if (!answer.has_failed || entry.delivery_count >= options_.tries) {
      with_connection(connection, [&](RedisQueue& queue) { queue.finish(entry, answer); });
    }
    release(entry.id);
  }

  /// The answer for an entry whose workers have ended as often as it may be tried.
  LineAnswer give_up(const QueueEntry& entry) const {
    return failed_answer(recording_id(entry.line),
                         "set aside: " + std::to_string(options_.tries) +
                             " workers ended while they had it in hand, or failed");
  }

  void hold(const std::string& id) {
    const std::lock_guard lock(mutex_);
    held_.insert(id);
  }
  void release(const std::string& id) {
    const std::lock_guard lock(mutex_);
    held_.erase(id);
  }

  /// Renews what is in hand three times in the time after which it would be claimed.
  void stay_alive(const std::stop_token& stop) {
    const std::chrono::duration<double> interval(options_.claim_after_s / 3.0);
    Connection connection;
    std::mutex waiting;
    std::condition_variable_any ended;
    std::unique_lock lock(waiting);
    while (!ended.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); })) {
      std::vector<std::string> ids;
      {
        const std::lock_guard held_lock(mutex_);
        ids.assign(held_.begin(), held_.end());
      }
      if (ids.empty()) continue;
      try {
        if (connection == nullptr) connection = std::make_unique<RedisQueue>(options_, consumer_);
        connection->renew(ids);
      } catch (const RedisUnreachable&) {
        connection = nullptr;  // the threads that work tell it
      }
    }
  }

  const RedisWorkOptions& options_;
  const LineAnswerer& answer_;
  const std::function<bool()>& should_stop_;
  const std::string consumer_ = consumer_name();
  std::atomic<bool> has_failed_ = false;
  std::mutex mutex_;  ///< guards what follows
  std::exception_ptr failure_;
  std::set<std::string> held_;  ///< entries in hand
};

}  // namespace

void work_on_redis(const RedisWorkOptions& options, const LineAnswerer& answer,
                   const std::function<bool()>& should_stop) {
  // A lost connection is an error of writing.
  std::signal(SIGPIPE, SIG_IGN);
  RedisWorker(options, answer, should_stop).run();
}

}  // namespace harpy::tools
