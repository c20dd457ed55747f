#pragma once

#include <cstdint>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/lane.hpp"

namespace harpy {

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

/// Turns thread_sums into the sums before each thread; the first thread does it.
struct ScanThreadSums {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    if (thread.index != 0) return;
    std::uint32_t running = 0;
    for (std::uint32_t i = 0; i < thread.count; ++i) {
      const std::uint32_t sum = lane.thread_sums[i];
      lane.thread_sums[i] = running;
      running += sum;
    }
  }
};

/// Replaces each value of a thread's block by the sum of all before it; values[count] gets the
/// total.
struct ScanBlocks {
  Lane& lane;
  std::uint32_t* values;
  std::uint32_t count;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    std::uint32_t running = lane.thread_sums[thread.index];
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
template <typename Executor>
constexpr void exclusive_scan(const Executor& executor, Lane& lane, std::uint32_t* values,
                              std::uint32_t count) {
  executor.run(SumBlocks{lane, values, count});
  executor.run(ScanThreadSums{lane});
  executor.run(ScanBlocks{lane, values, count});
}

}  // namespace harpy
