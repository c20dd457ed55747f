#pragma once

#include <cstdint>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/device/lane_task.hpp"
#include "decoder/search/program/history.hpp"
#include "decoder/search/program/lane.hpp"
#include "decoder/search/program/lattice_prune.hpp"

// Where no lattice is kept, the pruning of the history finds the arcs that all paths share. That of
// a lattice looks at costs alone, so they are found here: with them the host takes and a lane walks
// back over what is still undecided, not over the whole utterance.

namespace harpy::token_passing {

/// Counts, from `first_token` on, which is not behind the token that all paths share, who follows
/// whom on the best paths to the active tokens; an active token counts as two followers of itself.
/// Each token is visited once. Threads race for marks and counts.
template <typename Access>
struct CountFollowers {
  Lane& lane;
  std::uint32_t first_token;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < lane.active_count; i += thread.count) {
      std::uint32_t token = lane.active[i].history;
      Access::add(lane.follower_counts[token - first_token], 2U);
      while (token != lane.history_root &&
             Access::exchange(lane.history_marks[token - first_token], 1U) == 0) {
        const std::uint32_t previous = lane.history[token].previous;
        Access::add(lane.follower_counts[previous - first_token], 1U);
        Access::store(lane.followers[previous - first_token], token);
        token = previous;
      }
    }
  }
};

/// Hands the arcs that all paths of a stream with a lattice share to `task.arena.settle(arc)`,
/// oldest first, as often as the lattice is pruned. Returns whether there was room.
template <typename Access, PhaseExecutor Executor>
constexpr bool settle_lattice(const Executor& executor, LaneTask& task) {
  Lane& lane = task.lane;
  LaneArena& arena = task.arena;
  const std::uint32_t new_frames = lane.lattice_frame_count - task.settled_frame_count;
  if (!lane.keep_lattice || lane.active_count == 0 || new_frames < kLatticePruningFrames<Access>) {
    return true;
  }
  const std::uint32_t first_token = lane.token_begins[task.root_frame];
  const std::uint32_t token_count = lane.history_count - first_token;
  executor.alone([&] {
    arena.begin(lane);
    arena.require(Room::kMovedTokens, token_count);
  });
  if (arena.has_stopped(executor)) return false;
  executor.run(ClearCounts{lane.history_marks, token_count});
  executor.run(ClearCounts{lane.follower_counts, token_count});
  executor.run(CountFollowers<Access>{lane, first_token});
  executor.alone([&] {
    settle_shared(lane, arena, first_token);
    while (lane.history_root >= lane.token_begins[task.root_frame + 1]) ++task.root_frame;
    task.settled_frame_count = lane.lattice_frame_count;
  });
  return true;
}

}  // namespace harpy::token_passing
