#pragma once

#include <cstdint>

#include "decoder/search/program/append.hpp"
#include "decoder/search/program/arena.hpp"
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

/// Marks the tokens that stay without a look at who comes from them, the first `kept` of the
/// history, and no others.
struct MarkKept {
  Lane& lane;
  std::uint32_t kept;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t token = thread.index; token < lane.history_count; token += thread.count) {
      lane.history_marks[token] = token < kept ? 1 : 0;
    }
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

/// Turns the mark of each token that stays into its place among those that stay, which it counts,
/// and the mark of each other one into kNone. Threads race for places; a sole thread keeps the
/// order.
template <typename Access>
struct PlaceHistory {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    std::uint32_t* const marks = lane.history_marks;
    const std::uint32_t history_count = lane.history_count;
    if constexpr (kIsSole<Thread>) {
      std::uint32_t place = 0;
      for (std::uint32_t token = 0; token < history_count; ++token) {
        const std::uint32_t mark = marks[token];
        marks[token] = place | (mark - 1);  // kNone, if the mark is 0
        place += mark;
      }
      lane.survivor_count = place;
    } else {
      for (std::uint32_t token = thread.index; token < history_count; token += thread.count) {
        marks[token] = marks[token] != 0 ? Access::add(lane.survivor_count, 1U) : kNone;
      }
    }
  }
};

/// Moves the tokens that stay to their places, and counts who follows whom. A thread owns the
/// tokens it moves; threads race for the counts.
template <typename Access>
struct MoveHistory {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t token = thread.index; token < lane.history_count; token += thread.count) {
      const std::uint32_t place = lane.history_marks[token];
      if (place == kNone) continue;
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

/// How many of the first tokens of the history stay in a pruning without a look at who comes from
/// them. Where threads walk together, they wait for the longest walk, a step at a time. So most
/// prunings look at the new tokens alone and end their walks at the old ones, of which few have
/// died since they were new; all are looked at once the old ones are half as many again as they
/// were the last time.
template <typename Access>
constexpr std::uint32_t kept_unseen(const Lane& lane) {
  if (!Access::kConcurrent || lane.active_count == 0) return 0;
  const bool looks_at_all = lane.rested_count > lane.looked_at_count + lane.looked_at_count / 2;
  return looks_at_all ? 0 : lane.rested_count;
}

/// Moves the root forward along the tokens that have one follower, whose arcs all paths share, and
/// hands these arcs to `arena.settle(arc)`. Followers are counted from `first_token` on.
template <typename Arena>
constexpr void settle_shared(Lane& lane, Arena& arena, std::uint32_t first_token) {
  while (lane.follower_counts[lane.history_root - first_token] == 1) {
    lane.history_root = lane.followers[lane.history_root - first_token];
    arena.settle(lane.history[lane.history_root].arc);
  }
}

/// Drops the history that no active token comes from, and hands the arcs that all paths share to
/// `arena.settle(arc)`, oldest first: the memory of a stream depends on how far back its paths
/// meet, not on its length. Cost: linear in the history.
template <typename Access, PhaseExecutor Executor, SearchArena Arena>
constexpr void prune_history(const Executor& executor, Lane& lane, Arena& arena) {
  const std::uint32_t kept = kept_unseen<Access>(lane);
  executor.alone([&] {
    arena.reserve_marks(lane, lane.history_count);
    lane.survivor_count = 0;
  });
  executor.run(MarkKept{lane, kept});
  executor.run(MarkHistory<Access>{lane});
  executor.run(PlaceHistory<Access>{lane});
  const std::uint32_t survivors = lane.survivor_count;
  executor.alone([&] { arena.reserve_followers(lane, survivors); });
  executor.run(ClearCounts{lane.follower_counts, survivors});
  executor.run(MoveHistory<Access>{lane});
  executor.run(MoveActive<Access>{lane});
  executor.alone([&] {
    arena.swap_history(lane);
    lane.history_count = survivors;
    lane.rested_count = survivors;
    if (kept == 0) lane.looked_at_count = survivors;
    if (survivors == 0) return;
    lane.history_root = lane.history_marks[lane.history_root];
    settle_shared(lane, arena, 0);
    lane.history[lane.history_root].previous = kNone;
  });
}

}  // namespace harpy::token_passing
