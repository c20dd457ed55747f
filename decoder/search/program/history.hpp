#pragma once

#include <cstdint>

#include "decoder/search/program/arena.hpp"
#include "decoder/search/program/collective.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

/// Sets counts to zero.
struct ClearCounts {
  std::uint32_t* counts;
  std::uint32_t count;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < count; i += thread.count) counts[i] = 0;
  }
};

/// Marks the history of every active token, walking back until it meets a mark: each token is
/// visited once. Threads race for marks.
template <typename Access>
struct MarkHistory {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < lane.active_count; i += thread.count) {
      std::uint32_t token = lane.active[i].history;
      while (token != kNone && Access::exchange(lane.history_marks[token], 1U) == 0) {
        token = lane.history[token].previous;
      }
    }
  }
};

/// Moves marked tokens to the places that the scan of the marks gives, and counts who follows whom.
/// A thread owns the tokens it moves; threads race for the counts.
template <typename Access>
struct MoveHistory {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t token = thread.index; token < lane.history_count; token += thread.count) {
      const std::uint32_t place = lane.history_marks[token];
      if (lane.history_marks[token + 1] == place) continue;
      HistoryToken moved = lane.history[token];
      if (moved.previous != kNone) {
        moved.previous = lane.history_marks[moved.previous];
        Access::add(lane.follower_counts[moved.previous], 1U);
        Access::store(lane.followers[moved.previous], place);
      }
      lane.history_spare[place] = moved;
    }
  }
};

/// Lets the active tokens point at the moved history. An active token counts as two followers of
/// its own past, so that the part that all paths share ends there at the latest. Threads race for
/// the counts.
template <typename Access>
struct MoveActive {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < lane.active_count; i += thread.count) {
      const std::uint32_t place = lane.history_marks[lane.active[i].history];
      lane.active[i].history = place;
      Access::add(lane.follower_counts[place], 2U);
    }
  }
};

/// Drops the history that no active token comes from, and hands the arcs that all paths share to
/// `arena.settle(arc)`, oldest first: the memory of a stream depends on how far back its paths
/// meet, not on its length. Cost: linear in the history.
template <typename Access, PhaseExecutor Executor, SearchArena Arena>
constexpr void prune_history(const Executor& executor, Lane& lane, Arena& arena) {
  executor.alone([&] { arena.reserve_marks(lane, lane.history_count); });
  executor.run(ClearCounts{lane.history_marks, lane.history_count});
  executor.run(MarkHistory<Access>{lane});
  exclusive_scan(executor, lane, lane.history_marks, lane.history_count);
  const std::uint32_t survivors = lane.history_marks[lane.history_count];
  executor.alone([&] { arena.reserve_followers(lane, survivors); });
  executor.run(ClearCounts{lane.follower_counts, survivors});
  executor.run(MoveHistory<Access>{lane});
  executor.run(MoveActive<Access>{lane});
  executor.alone([&] {
    arena.swap_history(lane);
    lane.history_count = survivors;
    if (survivors == 0) return;
    lane.history_root = lane.history_marks[lane.history_root];
    while (lane.follower_counts[lane.history_root] == 1) {
      lane.history_root = lane.followers[lane.history_root];
      arena.settle(lane.history[lane.history_root].arc);
    }
    lane.history[lane.history_root].previous = kNone;
  });
}

}  // namespace harpy::token_passing
