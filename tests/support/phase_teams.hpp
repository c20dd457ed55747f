#pragma once

#include <algorithm>
#include <atomic>
#include <barrier>
#include <concepts>
#include <cstdint>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include "acoustic/backend/phase.hpp"

namespace harpy::testing {

/// In which order a phase's threads take their turns.
enum class ThreadOrder { kForward, kReverse, kRandom };

/// Many threads of a phase, one after another: what depends on their order or number shows.
class OrderedTeam {
 public:
  OrderedTeam(std::uint32_t thread_count, ThreadOrder order) : turns_(thread_count), order_(order) {
    std::iota(turns_.begin(), turns_.end(), 0U);
    if (order == ThreadOrder::kReverse) std::reverse(turns_.begin(), turns_.end());
  }

  template <typename Phase>
  void run(const Phase& phase) const {
    if (order_ == ThreadOrder::kRandom) std::shuffle(turns_.begin(), turns_.end(), random_);
    for (const std::uint32_t index : turns_) {
      phase(PhaseThread{index, static_cast<std::uint32_t>(turns_.size())});
    }
  }
  template <typename Action>
  void alone(const Action& action) const {
    action();
  }
  template <typename Program>
  void launch(const Program& program) const {
    program(*this);
  }

 private:
  mutable std::vector<std::uint32_t> turns_;
  mutable std::mt19937 random_{1};
  ThreadOrder order_;
};

/// The threads of a phase as threads, with a barrier at the end of each phase: the program of a
/// block of a CUDA grid, as nearly as a CPU can.
class ThreadTeam {
 public:
  explicit ThreadTeam(std::uint32_t thread_count) : thread_count_(thread_count) {}

  template <typename Program>
  void launch(const Program& program) const {
    std::barrier barrier(thread_count_);
    std::vector<std::jthread> threads;
    for (std::uint32_t index = 0; index < thread_count_; ++index) {
      threads.emplace_back([&, index] {
        program(Executor{&barrier, PhaseThread{index, thread_count_}});
      });
    }
  }

 private:
  struct Executor {
    std::barrier<>* barrier;
    PhaseThread thread;

    template <typename Phase>
    void run(const Phase& phase) const {
      phase(thread);
      barrier->arrive_and_wait();
    }
    template <typename Action>
    void alone(const Action& action) const {
      if (thread.index == 0) action();
      barrier->arrive_and_wait();
    }
  };

  std::uint32_t thread_count_;
};

/// One thread at a time, but winners are told at the end of a phase, as if they raced.
struct DeferredAccess : PlainAccess {
  static constexpr bool kConcurrent = true;
};

/// Threads at once: every operation is atomic.
struct AtomicAccess {
  static constexpr bool kConcurrent = true;

  template <typename T>
  static T load(const T& place) {
    return std::atomic_ref(const_cast<T&>(place)).load(std::memory_order_relaxed);
  }
  template <typename T>
  static void store(T& place, T value) {
    std::atomic_ref(place).store(value, std::memory_order_relaxed);
  }
  template <std::unsigned_integral T>
  static T add(T& place, T value) {
    return std::atomic_ref(place).fetch_add(value, std::memory_order_relaxed);
  }
  template <std::unsigned_integral T>
  static T min(T& place, T value) {
    std::atomic_ref<T> shared(place);
    T before = shared.load(std::memory_order_relaxed);
    while (value < before &&
           !shared.compare_exchange_weak(before, value, std::memory_order_relaxed)) {
    }
    return before;
  }
  template <std::unsigned_integral T>
  static T exchange(T& place, T value) {
    return std::atomic_ref(place).exchange(value, std::memory_order_relaxed);
  }
  template <std::unsigned_integral T>
  static T compare_exchange(T& place, T expected, T desired) {
    std::atomic_ref(place).compare_exchange_strong(expected, desired, std::memory_order_relaxed);
    return expected;
  }
  static void prefetch(const void*) {}
};

/// The minimum in two steps, between which another thread may come: an atomic operation forgotten.
struct TornMinimumAccess : AtomicAccess {
  template <std::unsigned_integral T>
  static T min(T& place, T value) {
    const T before = load(place);
    std::this_thread::yield();
    if (value < before) store(place, value);
    return before;
  }
};

}  // namespace harpy::testing
