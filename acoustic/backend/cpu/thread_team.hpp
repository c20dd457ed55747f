#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace harpy::cpu {

/// A fixed number of threads that work on one operation together, the caller being the first. Work
/// is cut statically, so that results do not depend on timing. Idle threads spin for some
/// microseconds, then sleep. Threads: run by one thread at a time.
class ThreadTeam {
 public:
  /// Errors: std::system_error if the system gives no more threads.
  explicit ThreadTeam(int thread_count);
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  ~ThreadTeam();

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls work(part) once for each part = 0 .. size() - 1 and waits for all. An exception of any
  /// part is thrown here, that of the lowest part if several.
  template <typename Work>
  void run(Work&& work) {
    using Type = std::remove_reference_t<Work>;
    run_erased([](void* context, int part) { (*static_cast<Type*>(context))(part); }, &work);
  }

  /// Calls work(begin, end) for contiguous ranges that together make up [0, count), in parallel if
  /// count * cost (about the bytes or operations of one item) is worth it.
  template <typename Work>
  void for_ranges(std::int64_t count, std::int64_t cost, Work&& work) {
    constexpr std::int64_t kWorthwhile = 1 << 15;
    if (size() == 1 || count < 2 || count * cost < kWorthwhile) {
      work(std::int64_t{0}, count);
      return;
    }
    run([&](int part) {
      const std::int64_t begin = count * part / size();
      const std::int64_t end = count * (part + 1) / size();
      if (begin < end) work(begin, end);
    });
  }

 private:
  using Call = void (*)(void* context, int part);

  void stop();
  void run_erased(Call call, void* context);
  void run_part(int part) noexcept;
  void work_loop(int part);
  /// Returns once the value differs from `old`: spins for about the time between two operations of
  /// a network, then sleeps (std::atomic's own wait yields first, which on a busy machine gives a
  /// whole time slice away).
  template <typename T>
  void wait_while_equal(const std::atomic<T>& value, T old);
  /// Wakes whoever sleeps, after a change of generation_ or pending_.
  void wake();

  Call call_ = nullptr;
  void* context_ = nullptr;
  bool stopping_ = false;
  std::atomic<std::uint32_t> generation_ = 0;  ///< counts the runs; a change wakes the workers
  std::atomic<int> pending_ = 0;               ///< workers still in the current run
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::exception_ptr> errors_;  ///< one for each part
  std::vector<std::thread> workers_;
};

}  // namespace harpy::cpu
