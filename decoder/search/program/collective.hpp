#pragma once

#include <cstdint>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

/// At most this many threads run a phase.
inline constexpr std::uint32_t kMaxPhaseThreads = 1024;

/// First of the `count` items that thread `index` of `threads` owns when each owns a block of them.
constexpr std::uint32_t block_begin(std::uint32_t count, std::uint32_t index,
                                    std::uint32_t threads) {
  return static_cast<std::uint32_t>(std::uint64_t{count} * index / threads);
}

/// Adds up each thread's block into thread_sums.
struct SumBlocks {
  Lane& lane;
  const std::uint32_t* values;
  std::uint32_t count;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    std::uint32_t sum = 0;
    const std::uint32_t end = block_begin(count, thread.index + 1, thread.count);
    for (std::uint32_t i = block_begin(count, thread.index, thread.count); i < end; ++i) {
      sum += values[i];
    }
    lane.thread_sums[thread.index] = sum;
  }
};

/// Threads whose sums one thread adds up. The number is odd, so that a GPU's threads, each at the
/// same place of its group, meet in no bank of shared memory.
inline constexpr std::uint32_t kSumGroup = 33;

/// Turns thread_sums into running sums within groups of kSumGroup. A thread owns a group.
struct ScanThreadSums {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t begin = thread.index * kSumGroup; begin < thread.count;
         begin += thread.count * kSumGroup) {
      const std::uint32_t end = begin + kSumGroup < thread.count ? begin + kSumGroup : thread.count;
      std::uint32_t running = 0;
      for (std::uint32_t i = begin; i < end; ++i)
        lane.thread_sums[i] = running += lane.thread_sums[i];
    }
  }
};

/// After ScanThreadSums: the sum of all blocks before that of thread `index`.
constexpr std::uint32_t sum_before(const Lane& lane, std::uint32_t index) {
  std::uint32_t sum = 0;
  for (std::uint32_t end = kSumGroup; end <= index; end += kSumGroup) {
    sum += lane.thread_sums[end - 1];
  }
  return index % kSumGroup == 0 ? sum : sum + lane.thread_sums[index - 1];
}

/// Replaces each value of a thread's block by the sum of all before it; values[count] gets the
/// total.
struct ScanBlocks {
  Lane& lane;
  std::uint32_t* values;
  std::uint32_t count;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    std::uint32_t running = sum_before(lane, thread.index);
    const std::uint32_t end = block_begin(count, thread.index + 1, thread.count);
    for (std::uint32_t i = block_begin(count, thread.index, thread.count); i < end; ++i) {
      const std::uint32_t value = values[i];
      values[i] = running;
      running += value;
    }
    if (thread.index + 1 == thread.count) values[count] = running;
  }
};

/// values[i] becomes the sum of values[0 .. i), for i up to and including count.
template <PhaseExecutor Executor>
constexpr void exclusive_scan(const Executor& executor, Lane& lane, std::uint32_t* values,
                              std::uint32_t count) {
  executor.run(SumBlocks{lane, values, count});
  executor.run(ScanThreadSums{lane});
  executor.run(ScanBlocks{lane, values, count});
}

}  // namespace harpy::token_passing
