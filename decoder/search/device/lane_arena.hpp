#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/program/arena.hpp"
#include "decoder/search/program/lane.hpp"
#include "decoder/search/program/recombine.hpp"

namespace harpy::token_passing {

/// The kinds of room that a lane on a device has. Room does not grow while the lane runs: a lane
/// that needs more stops, and goes on once the host has made room.
enum class Room : std::uint32_t {
  kActive,          ///< tokens that go on to the next frame
  kPositions,       ///< emitting arcs of a frame's active tokens
  kCandidates,      ///< ways into a frame's states within the limit
  kTokens,          ///< tokens of a frame
  kSlotBits,        ///< of the hash table, 1 << slot_bits slots
  kHistory,         ///< tokens of the past, where no lattice is kept
  kMovedTokens,     ///< tokens that a pruning of the lattice moves, or that settling looks at
  kMovedLinks,      ///< links that it moves
  kTail,            ///< arcs of the best path that are not settled
  kOutput,          ///< arcs that all lanes of a launch hand to the host
  kRestingActive,   ///< active tokens of a stream at rest
  kRestingHistory,  ///< tokens of the past of a stream at rest, where no lattice is kept
  kLatticeFrames,   ///< frames of the stream's lattice
  kLatticeTokens,   ///< its tokens
  kLatticeLinks,    ///< its links
};
inline constexpr std::size_t kRoomCount = 15;

/// A number of items for each kind of room.
class RoomSizes {
 public:
  constexpr std::uint32_t operator[](Room room) const { return sizes_[index(room)]; }
  constexpr std::uint32_t& operator[](Room room) { return sizes_[index(room)]; }

 private:
  static constexpr std::size_t index(Room room) { return static_cast<std::size_t>(room); }

  std::array<std::uint32_t, kRoomCount> sizes_{};
};

/// Memory that the threads of a lane have to themselves while it runs. On a GPU it is fast and
/// small. Its hash table serves the frames whose tokens fit into it.
struct NearMemory {
  HashSlot* slots = nullptr;  ///< [1 << slot_bits]
  std::uint32_t* slot_previous = nullptr;
  std::uint32_t slot_bits = 0;           ///< 0: no table
  std::uint32_t* bins = nullptr;         ///< [kBinCount]
  std::uint32_t* thread_sums = nullptr;  ///< [threads]
};

/// Empties a hash table. A thread owns the slots it empties.
struct ClearSlots {
  HashSlot* slots;
  std::uint32_t count;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < count; i += thread.count) slots[i] = HashSlot{};
  }
};

/// Runs phases and actions until the lane stops, and skips them from then on.
template <PhaseExecutor Executor>
struct StoppableExecutor {
  const Executor& executor;
  const bool& is_stopped;  ///< changed by actions only

  template <typename Phase>
  constexpr void run(const Phase& phase) const {
    executor.run([&](auto thread) {
      if (!is_stopped) phase(thread);
    });
  }
  template <typename Action>
  constexpr void alone(const Action& action) const {
    executor.alone([&] {
      if (!is_stopped) action();
    });
  }
};

/// The arena of a lane on a device, whose arrays have a fixed capacity while a program runs; the
/// counterpart of LaneMemory. Where a `reserve_` function finds too little room, the lane stops:
/// the rest of the attempt is skipped, and the lane has the tokens again that it had before.
struct LaneArena {
  RoomSizes capacity;
  RoomSizes needs;            ///< what is needed of each kind that was too small, else 0
  bool is_stopped = false;    ///< the attempt lacks room or a larger hash table
  bool lacks_room = false;    ///< the host must make room before the next attempt
  HashSlot* slots = nullptr;  ///< [1 << capacity[kSlotBits]], for frames that do not fit nearby
  std::uint32_t* slot_previous = nullptr;
  bool is_table_new = true;  ///< whether the contents of `slots` are undefined
  NearMemory near;
  std::uint32_t least_slot_bits = 0;  ///< the frame's table was too small below that
  std::uint32_t active_count = 0;     ///< of the tokens committed last
  std::uint32_t* settled = nullptr;   ///< arcs of the stable prefix; as much room as for marks
  std::uint32_t settled_count = 0;
  // For tests and benchmarks.
  std::uint32_t near_frame_count = 0;     ///< frames whose table was near
  std::uint32_t retried_frame_count = 0;  ///< frames begun again with a larger table

  /// Prepares the lane for a launch with this near memory.
  constexpr void enter(Lane& lane, const NearMemory& memory) {
    near = memory;
    lane.bins = memory.bins;
    lane.thread_sums = memory.thread_sums;
    lane.slots = slots;
    lane.slot_previous = slot_previous;
    lane.slot_bits = slot_bits_for(0);
    least_slot_bits = 0;
    needs = {};
    active_count = lane.active_count;
  }

  /// Carries out a part of the search, anew with a larger table where that is all it takes. Returns
  /// whether it was done; otherwise `needs` says what was missing.
  template <PhaseExecutor Executor, typename Part>
  constexpr bool attempt(const Executor& executor, Lane& lane, const Part& part) {
    executor.alone([&] { begin(lane); });
    for (;;) {
      part(StoppableExecutor<Executor>{executor, is_stopped});
      const bool has_failed = lacks_room;
      if (!has_stopped(executor)) return true;
      executor.run(ClearSlots{lane.slots, 1U << lane.slot_bits});
      executor.alone([&] { begin(lane); });
      if (has_failed) return false;
      executor.alone([&] { ++retried_frame_count; });
    }
  }

  /// Begins an attempt with the tokens committed last.
  constexpr void begin(Lane& lane) {
    is_stopped = false;
    lacks_room = false;
    lane.active_count = active_count;
    lane.token_count = 0;
    lane.epsilon_count = 0;
    lane.epsilon_arc_total = 0;
  }

  /// Tells every thread whether the lane has stopped, before any of them can change that.
  template <PhaseExecutor Executor>
  constexpr bool has_stopped(const Executor& executor) const {
    const bool stopped = is_stopped;
    executor.run(EmptyPhase{});
    return stopped;
  }

  constexpr void commit_start(const Lane& lane) { active_count = lane.active_count; }
  constexpr void commit_frame(const Lane& lane) {
    active_count = lane.active_count;
    near_frame_count += lane.slots == near.slots ? 1 : 0;
  }

  /// Stops the lane if there is less room than `count` items.
  constexpr void require(Room room, std::uint32_t count) {
    if (count <= capacity[room]) return;
    is_stopped = true;
    lacks_room = true;
    if (needs[room] < count) needs[room] = count;
  }

  constexpr void reserve_positions(const Lane& lane) { require(Room::kPositions, lane.arc_total); }

  /// Decides, before any candidate is inserted, which table the frame uses.
  constexpr void reserve_candidates(Lane& lane, std::uint32_t count) {
    const std::uint32_t token_bound = lane.bounded_by_states(count);
    require(Room::kCandidates, count);
    require(Room::kTokens, token_bound);
    if (near.slot_bits != 0 && near.slot_bits >= least_slot_bits &&
        is_table_roomy(token_bound, near.slot_bits)) {
      lane.slots = near.slots;
      lane.slot_previous = near.slot_previous;
      lane.slot_bits = near.slot_bits;
      return;
    }
    const std::uint32_t bits = std::max(slot_bits_for(token_bound), least_slot_bits);
    require(Room::kSlotBits, bits);
    if (is_stopped) return;
    lane.slots = slots;
    lane.slot_previous = slot_previous;
    lane.slot_bits = bits;
  }

  /// A table that epsilon arcs may overfill is not enlarged: the frame begins again with another.
  constexpr void reserve_epsilon(Lane& lane) {
    const std::uint32_t token_bound =
        lane.bounded_by_states(lane.token_count + lane.epsilon_arc_total);
    require(Room::kCandidates, lane.candidate_count + lane.epsilon_arc_total);
    require(Room::kTokens, token_bound);
    if (is_table_roomy(token_bound, lane.slot_bits)) return;
    least_slot_bits = slot_bits_for(token_bound);
    is_stopped = true;
  }

  constexpr void reserve_frontier(const Lane& lane) {
    require(Room::kActive, std::min(lane.token_count, lane.max_active));
    require(lane.keep_lattice ? Room::kLatticeTokens : Room::kHistory,
            lane.history_count + lane.token_count);
  }

  constexpr void reserve_lattice_frame(const Lane& lane) {
    require(Room::kLatticeFrames, lane.lattice_frame_count + 1);
    require(Room::kLatticeLinks, lane.link_count + lane.candidate_count);
  }

  constexpr void reserve_former_extras(const Lane&, std::uint32_t count) {
    require(Room::kTokens, count);
  }

  constexpr void reserve_lattice_spare(const Lane& lane, std::uint32_t first_token,
                                       std::uint32_t first_link) {
    require(Room::kMovedTokens, lane.history_count - first_token);
    require(Room::kMovedLinks, lane.link_count - first_link);
  }

  // There always is room: remaining keys have as much as positions or tokens, whichever are more;
  // marks and followers have as much as the history.
  constexpr void reserve_remaining_keys(const Lane&, std::uint32_t) {}
  constexpr void reserve_marks(const Lane&, std::uint32_t) {}
  constexpr void reserve_followers(const Lane&, std::uint32_t) {}

  constexpr void swap_history(Lane& lane) { std::swap(lane.history, lane.history_spare); }
  constexpr void settle(std::uint32_t arc) { settled[settled_count++] = arc; }
};

static_assert(SearchArena<LaneArena>);

}  // namespace harpy::token_passing
