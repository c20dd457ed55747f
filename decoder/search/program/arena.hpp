#pragma once

#include <concepts>
#include <cstdint>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

/// Looks after the memory that a lane's arrays point to. Before phases write to an array, one
/// thread calls the `reserve_` function that makes sure of its room:
///
/// - `reserve_positions(lane)`: for `arc_total` emitting arcs;
/// - `reserve_candidates(lane, count)`: for `count` candidates by emitting arcs, and for as many
///   tokens in an empty hash table;
/// - `reserve_epsilon(lane)`: for what the epsilon arcs of the tokens seen so far lead to;
/// - `reserve_frontier(lane)`: for the frame's tokens in the history and the best among the active;
/// - `reserve_lattice_frame(lane)`: for the frame that is about to be added to the lattice;
/// - `reserve_remaining_keys(lane, count)`: for the selection of a key;
/// - `reserve_marks(lane, count)` and `reserve_followers(lane, count)`: for the pruning of the
///   history;
/// - `reserve_former_extras(lane, count)` and `reserve_lattice_spare(lane, first_token,
///   first_link)`: for the pruning of the lattice.
///
/// Host memory grows as it is asked to, and the lane's pointers with it. On a device nothing can be
/// allocated while a program runs: where room is missing, the lane stops. So the program works in
/// attempts:
///
/// - `attempt(executor, lane, part)` carries out `part(executor)`, a part of the program, by all
///   threads together, and returns whether there was room for it; otherwise the lane's tokens are
///   what they were before;
/// - `commit_start(lane)` and `commit_frame(lane)`, called by one thread after an attempt that
///   succeeded, tell that later attempts begin with the tokens that the lane has now.
///
/// And it takes what the pruning of the history finds:
///
/// - `swap_history(lane)`: the spare history becomes the history;
/// - `settle(arc)`: all paths have this arc, behind those settled before.
template <typename Arena>
concept SearchArena = requires(Arena& arena, Lane& lane, std::uint32_t count) {
  arena.reserve_positions(lane);
  arena.reserve_candidates(lane, count);
  arena.reserve_epsilon(lane);
  arena.reserve_frontier(lane);
  arena.reserve_lattice_frame(lane);
  arena.reserve_remaining_keys(lane, count);
  arena.reserve_marks(lane, count);
  arena.reserve_followers(lane, count);
  arena.reserve_former_extras(lane, count);
  arena.reserve_lattice_spare(lane, count, count);
  { arena.attempt(SerialExecutor{}, lane, EmptyPhase{}) } -> std::same_as<bool>;
  arena.commit_start(lane);
  arena.commit_frame(lane);
  arena.swap_history(lane);
  arena.settle(count);
};

}  // namespace harpy::token_passing
