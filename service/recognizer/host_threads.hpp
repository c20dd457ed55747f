#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>

#include "acoustic/backend/cpu/thread_team.hpp"
#include "service/recognizer/load_meter.hpp"

namespace harpy {

/// Threads that do the host's part of the work for the sessions of a GPU. Each piece of work is
/// taken by the thread that is free next, so that long ones hold up no others; pieces must not
/// depend on one another, and then results do not depend on how many threads there are. Threads:
/// any; of several callers one is served at a time.
class HostThreads {
 public:
  /// `thread_count` with the caller, at least 1. Errors: std::system_error if the system gives no
  /// more threads.
  explicit HostThreads(int thread_count) : team_(thread_count) {}

  /// Calls work(index) for each index below `count`, and waits for all. If some throw, one of the
  /// exceptions is thrown here, and pieces that had not begun may be left out.
  template <typename Work>
  void for_each(std::size_t count, const Work& work) {
    if (count < 2 || team_.size() == 1) {
      for (std::size_t index = 0; index < count; ++index) work(index);
      return;
    }
    const std::lock_guard lock(mutex_);
    std::atomic<std::size_t> next = 0;
    team_.run([&](int part) {
      const double begin_s = part == 0 ? 0.0 : thread_cpu_s();
      for (std::size_t index = next++; index < count; index = next++) work(index);
      if (part != 0) helpers_cpu_s_ += thread_cpu_s() - begin_s;
    });
  }

  /// Processor seconds of the threads beside the callers, since it was last asked. Threads: any.
  double take_helpers_cpu_s() { return helpers_cpu_s_.exchange(0.0); }

 private:
  cpu::ThreadTeam team_;
  std::mutex mutex_;  ///< of team_
  std::atomic<double> helpers_cpu_s_ = 0.0;
};

}  // namespace harpy
