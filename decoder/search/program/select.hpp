#pragma once

#include <cstdint>

#include "decoder/search/program/append.hpp"
#include "decoder/search/program/arena.hpp"
#include "decoder/search/program/collective.hpp"
#include "decoder/search/program/cost.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

inline constexpr std::uint32_t kBinBits = 11;
inline constexpr std::uint32_t kBinCount = 1U << kBinBits;

/// Bins of equal width above a base cost; the last one holds everything above. Costs fill them
/// nearly evenly, so the first round of a selection leaves few keys. A greater cost is never in a
/// lower bin, so it leaves the right ones.
struct CostBins {
  float base = 0.0F;      ///< no cost is less
  float per_cost = 0.0F;  ///< bins in a unit of cost

  constexpr std::uint32_t operator()(float cost) const {
    const float bin = (cost - base) * per_cost;
    return bin < static_cast<float>(kBinCount - 1) ? static_cast<std::uint32_t>(bin)
                                                   : kBinCount - 1;
  }

  /// The highest cost in a bin or below it.
  constexpr float highest_cost(std::uint32_t bin) const {
    std::uint32_t within = ordered_bits(base);
    std::uint32_t beyond = kInfiniteBits + 1;
    while (beyond - within > 1) {
      const std::uint32_t middle = within + (beyond - within) / 2;
      ((*this)(cost_of(middle)) <= bin ? within : beyond) = middle;
    }
    return cost_of(within);
  }
};

/// Counts the keys in each bin. Threads race for the counts.
template <typename Access, typename Keys>
struct CountBins {
  Lane& lane;
  Keys keys;
  CostBins bins;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < keys.count; i += thread.count) {
      Access::add(lane.bins[bins(keys.cost(i))], 1U);
    }
  }
};

/// Counts the remaining keys that share the prefix found so far, by their next digit. Threads race
/// for the counts.
template <typename Access>
struct CountDigits {
  Lane& lane;
  std::uint32_t shift;  ///< of the digit
  std::uint32_t width;  ///< of the digit

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const std::uint32_t above = shift + width;
    const std::uint64_t prefix = above < 64 ? lane.selected_prefix >> above : 0;
    const std::uint32_t mask = (1U << width) - 1;
    for (std::uint32_t i = thread.index; i < lane.remaining_count; i += thread.count) {
      const std::uint64_t key = lane.remaining_keys[i];
      if ((above < 64 ? key >> above : 0) != prefix) continue;
      Access::add(lane.bins[static_cast<std::uint32_t>(key >> shift) & mask], 1U);
    }
  }
};

/// Empties the bins.
struct ClearBins {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t bin = thread.index; bin < kBinCount; bin += thread.count) lane.bins[bin] = 0;
  }
};

/// Adds up each thread's block of bins into thread_sums. A sole thread needs no sums.
struct SumBins {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    if constexpr (!kIsSole<Thread>) SumBlocks{lane, lane.bins, kBinCount}(thread);
  }
};

/// Finds the bin that holds the key of the wanted rank, and the key's rank within that bin. The
/// thread that owns the bin writes both.
struct FindBin {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    std::uint32_t before = 0;
    if constexpr (!kIsSole<Thread>) before = sum_before(lane, thread.index);
    const std::uint32_t wanted = lane.wanted_rank;
    if (wanted < before) return;
    std::uint32_t rank = wanted - before;
    const std::uint32_t end = block_begin(kBinCount, thread.index + 1, thread.count);
    for (std::uint32_t bin = block_begin(kBinCount, thread.index, thread.count); bin < end; ++bin) {
      if (rank < lane.bins[bin]) {
        lane.selected_rank = rank;
        lane.selected_bin = bin;
        return;
      }
      rank -= lane.bins[bin];
    }
  }
};

/// Finds the bin that holds the key of the wanted rank, from the counts in the bins.
template <PhaseExecutor Executor>
constexpr void find_wanted_bin(const Executor& executor, Lane& lane) {
  executor.run(SumBins{lane});
  executor.run(ScanThreadSums{lane});
  executor.run(FindBin{lane});
}

/// Lists the keys of the bin found. Threads race for places.
template <typename Access, typename Keys>
struct ListBin {
  Lane& lane;
  Keys keys;
  CostBins bins;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    Appender<Access, Thread, std::uint64_t> remaining(lane.remaining_keys, lane.remaining_count);
    for (std::uint32_t i = thread.index; i < keys.count; i += thread.count) {
      remaining.append_if(bins(keys.cost(i)) == lane.selected_bin, keys.key(i));
    }
  }
};

/// Finds the key of the wanted rank among few by comparing each with all.
template <typename Access>
struct FindKeyOfRank {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < lane.remaining_count; i += thread.count) {
      const std::uint64_t key = lane.remaining_keys[i];
      std::uint32_t less = 0;
      std::uint32_t equal = 0;
      for (std::uint32_t j = 0; j < lane.remaining_count; ++j) {
        less += lane.remaining_keys[j] < key ? 1 : 0;
        equal += lane.remaining_keys[j] == key ? 1 : 0;
      }
      if (less <= lane.selected_rank && lane.selected_rank < less + equal) {
        Access::store(lane.selected_prefix, key);
      }
    }
  }
};

/// Finds the key of the wanted rank among many, a digit a round (radix selection).
template <typename Access, PhaseExecutor Executor>
constexpr void select_digits(const Executor& executor, Lane& lane) {
  for (std::uint32_t shift = 64; shift > 0;) {
    const std::uint32_t width = shift < kBinBits ? shift : kBinBits;
    shift -= width;
    executor.run(ClearBins{lane});
    executor.run(CountDigits<Access>{lane, shift, width});
    find_wanted_bin(executor, lane);
    executor.alone([&] {
      lane.selected_prefix |= std::uint64_t{lane.selected_bin} << shift;
      lane.wanted_rank = lane.selected_rank;
    });
  }
}

/// First half of a selection: finds the bin of the key of rank `rank` (0 is the least) among
/// `keys.count` keys, given by keys.cost(i), a finite or infinite cost, and keys.key(i), in which a
/// greater cost makes a greater key.
template <typename Access, PhaseExecutor Executor, typename Keys>
constexpr void find_bin(const Executor& executor, Lane& lane, const Keys& keys,
                        const CostBins& bins, std::uint32_t rank) {
  executor.alone([&] { lane.wanted_rank = rank; });
  executor.run(ClearBins{lane});
  executor.run(CountBins<Access, Keys>{lane, keys, bins});
  find_wanted_bin(executor, lane);
}

/// Second half of a selection: returns the key of the wanted rank. `keys` must have all keys of the
/// bin found. The result does not depend on any order of work. Cost: one pass over the keys, then
/// one pass for each digit of a key over those in the bin.
template <typename Access, PhaseExecutor Executor, SearchArena Arena, typename Keys>
constexpr std::uint64_t select_key(const Executor& executor, Lane& lane, Arena& arena,
                                   const Keys& keys, const CostBins& bins) {
  constexpr std::uint32_t kFew = 48;
  executor.alone([&] {
    lane.selected_prefix = 0;
    lane.wanted_rank = lane.selected_rank;
    lane.remaining_count = 0;
    arena.reserve_remaining_keys(lane, lane.bins[lane.selected_bin]);
  });
  executor.run(ListBin<Access, Keys>{lane, keys, bins});
  if (lane.remaining_count <= kFew) {
    executor.run(FindKeyOfRank<Access>{lane});
  } else {
    select_digits<Access>(executor, lane);
  }
  return lane.selected_prefix;
}

}  // namespace harpy::token_passing
