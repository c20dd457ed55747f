#pragma once

#include <concepts>
#include <cstdint>

namespace harpy {

/// Thread `index` of the `count` threads that carry out a phase together.
struct PhaseThread {
  std::uint32_t index = 0;
  std::uint32_t count = 1;
};

/// The thread of a phase that has only one: loops over `index, index + count, ...` become plain
/// loops.
struct SoleThread {
  // NOLINTBEGIN(readability-identifier-naming): they stand in for the members of a thread.
  static constexpr std::uint32_t index = 0;
  static constexpr std::uint32_t count = 1;
  // NOLINTEND(readability-identifier-naming)
};

/// A phase that does nothing, and an action that does nothing.
struct EmptyPhase {
  template <typename... Thread>
  constexpr void operator()(Thread...) const {}
};

/// Runs a bulk-synchronous program: a sequence of phases.
///
/// A phase is a functor `constexpr void operator()(thread) const`, the same code on host and
/// device. It is called once for every thread; the threads may run in any order or at once. Within
/// a phase, threads touch what they share only through an access policy (see PlainAccess). The only
/// barrier is the end of a phase. What lasts from phase to phase stands in memory.
///
/// On a device every thread runs the whole program, also the code between the phases that decides
/// how to go on. A value that this code reads after one phase must not be written by the next
/// phase: a slow thread might read it only then, and decide otherwise than the rest.
///
/// - `run(phase)` carries out one phase and waits for its end;
/// - `alone(action)` lets one thread carry out an action and all others wait for its end.
template <typename Executor>
concept PhaseExecutor = requires(const Executor& executor) {
  executor.run(EmptyPhase{});
  executor.alone(EmptyPhase{});
};

/// The CPU's executor: one thread, no barriers.
struct SerialExecutor {
  template <typename Phase>
  constexpr void run(const Phase& phase) const {
    phase(SoleThread{});
  }
  template <typename Action>
  constexpr void alone(const Action& action) const {
    action();
  }
  /// Carries out `program(executor)` by all threads of the team, of which there is one.
  template <typename Program>
  constexpr void launch(const Program& program) const {
    program(*this);
  }
};
static_assert(PhaseExecutor<SerialExecutor>);

/// The access policy where only one thread runs at a time: how the threads of a phase touch memory
/// that they share. Every operation returns the value that stood there before.
struct PlainAccess {
  /// Whether threads may run at once: then a thread that improves a value learns only at the end of
  /// the phase whether a later one improved it further.
  static constexpr bool kConcurrent = false;

  template <typename T>
  static constexpr T load(const T& place) {
    return place;
  }
  template <typename T>
  static constexpr void store(T& place, T value) {
    place = value;
  }
  template <std::unsigned_integral T>
  static constexpr T add(T& place, T value) {
    const T before = place;
    place = static_cast<T>(before + value);
    return before;
  }
  template <std::unsigned_integral T>
  static constexpr T min(T& place, T value) {
    const T before = place;
    if (value < before) place = value;
    return before;
  }
  template <std::unsigned_integral T>
  static constexpr T exchange(T& place, T value) {
    const T before = place;
    place = value;
    return before;
  }
  /// Stores `desired` if `expected` stands there.
  template <std::unsigned_integral T>
  static constexpr T compare_exchange(T& place, T expected, T desired) {
    const T before = place;
    if (before == expected) place = desired;
    return before;
  }
  /// Hints that the place will be read soon.
  static void prefetch(const void* place) { __builtin_prefetch(place); }
};

}  // namespace harpy
