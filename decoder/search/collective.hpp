#pragma once

#include <cstdint>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/lane.hpp"

namespace harpy {

/// At most this many threads run a phase.
inline constexpr std::uint32_t kMaxPhaseThreads = 1024;
inline constexpr std::uint32_t kBinBits = 11;
inline constexpr std::uint32_t kBinCount = 1U << kBinBits;

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

/// Empties the bins; the first thread sets out to find the key of the given rank.
struct ClearBins {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t bin = thread.index; bin < kBinCount; bin += thread.count) lane.bins[bin] = 0;
  }
};

/// Counts the keys that share the prefix found so far, by their next digit.
template <typename Access, typename Keys>
struct CountDigits {
  Lane& lane;
  Keys keys;
  std::uint32_t shift;  ///< of the digit
  std::uint32_t width;  ///< of the digit

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const std::uint32_t above = shift + width;
    const std::uint64_t prefix = above < 64 ? lane.selected_prefix >> above : 0;
    const std::uint32_t mask = (1U << width) - 1;
    for (std::uint32_t i = thread.index; i < keys.count; i += thread.count) {
      const std::uint64_t key = keys.at(i);
      if ((above < 64 ? key >> above : 0) != prefix) continue;
      Access::add(lane.bins[static_cast<std::uint32_t>(key >> shift) & mask], 1U);
    }
  }
};

/// Finds the digit of the key of the wanted rank; the first thread does it.
struct FindDigit {
  Lane& lane;
  std::uint32_t shift;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    if (thread.index != 0) return;
    std::uint32_t digit = 0;
    while (lane.selected_rank >= lane.bins[digit]) lane.selected_rank -= lane.bins[digit++];
    lane.selected_prefix |= std::uint64_t{digit} << shift;
    lane.selected_count = lane.bins[digit];
  }
};

/// The key of rank `rank` (0 is the least) among keys.at(0 .. keys.count), which have `bits` bits.
/// Radix selection: integers only, so no order of work can show. Cost: a pass over the keys for
/// every eleven bits.
///
/// kThreshold: any value will do that `rank + 1` keys do not exceed (keys must differ), which takes
/// fewer passes.
template <typename Access, bool kThreshold, typename Executor, typename Keys>
constexpr std::uint64_t select_key(const Executor& executor, Lane& lane, const Keys& keys,
                                   std::uint32_t bits, std::uint32_t rank) {
  executor.alone([&] {
    lane.selected_prefix = 0;
    lane.selected_rank = rank;
  });
  for (std::uint32_t shift = bits; shift > 0;) {
    const std::uint32_t width = shift < kBinBits ? shift : kBinBits;
    shift -= width;
    executor.run(ClearBins{lane});
    executor.run(CountDigits<Access, Keys>{lane, keys, shift, width});
    executor.run(FindDigit{lane, shift});
    if constexpr (kThreshold) {
      if (lane.selected_rank + 1 == lane.selected_count) {
        return lane.selected_prefix | ((std::uint64_t{1} << shift) - 1);
      }
    }
  }
  return lane.selected_prefix;
}

}  // namespace harpy
