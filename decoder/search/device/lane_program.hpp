#pragma once

#include <cstdint>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/device/lane_task.hpp"
#include "decoder/search/device/lattice_settling.hpp"
#include "decoder/search/program/block.hpp"
#include "decoder/search/program/cost.hpp"

// What a lane does with a task. The threads of a team carry it out together: those of a block on a
// GPU, or any other team.

namespace harpy::token_passing {

/// Copies values. A thread owns the values it copies.
template <typename T>
struct CopyValues {
  const T* source;
  T* target;
  std::uint32_t count;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < count; i += thread.count) target[i] = source[i];
  }
};

/// Copies values in reverse order. A thread owns the values it copies.
struct CopyReversed {
  const std::uint32_t* source;
  std::uint32_t* target;
  std::uint32_t count;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < count; i += thread.count) {
      target[i] = source[count - 1 - i];
    }
  }
};

/// Key of a live token as the end of the path with final costs, see path_end_key.
constexpr std::uint64_t final_end_key(const Lane& lane, const ActiveToken& token) {
  return path_end_key(token.cost + lane.final_cost(token.state, token.context), token.state);
}

/// Finds the keys of the best path's ends, without and with final costs. Threads race for both.
template <typename Access>
struct FindEnds {
  LaneTask& task;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    std::uint64_t best = kNoPathEnd;
    std::uint64_t final_best = kNoPathEnd;
    for (std::uint32_t i = thread.index; i < task.lane.active_count; i += thread.count) {
      const ActiveToken& token = task.lane.active[i];
      const std::uint64_t key = path_end_key(token.cost, token.state);
      const std::uint64_t final_key = final_end_key(task.lane, token);
      best = key < best ? key : best;
      final_best = final_key < final_best ? final_key : final_best;
    }
    Access::min(task.end.key, best);
    Access::min(task.final_end.key, final_best);
  }
};

/// Finds the lowest contexts of the tokens that have the best keys. Threads race for both.
template <typename Access>
struct FindEndContexts {
  LaneTask& task;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < task.lane.active_count; i += thread.count) {
      const ActiveToken& token = task.lane.active[i];
      if (path_end_key(token.cost, token.state) == task.end.key) {
        Access::min(task.end.context, token.context);
      }
      if (final_end_key(task.lane, token) == task.final_end.key) {
        Access::min(task.final_end.context, token.context);
      }
    }
  }
};

/// Notes the tokens that have the best keys and the lowest contexts. Search states differ, so at
/// most one thread writes each.
struct NoteEnds {
  LaneTask& task;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < task.lane.active_count; i += thread.count) {
      const ActiveToken& token = task.lane.active[i];
      note(path_end_key(token.cost, token.state), token, task.end);
      note(final_end_key(task.lane, token), token, task.final_end);
    }
  }

  constexpr void note(std::uint64_t key, const ActiveToken& token, PathEnd& end) const {
    if (key == end.key && key != kNoPathEnd && token.context == end.context) {
      end.token = token.history;
    }
  }
};

/// Walks back from each end to the settled part of the path and writes the arcs on the way, as many
/// as there is room for; counts all of them. One thread walks from each end, on a GPU in a warp of
/// its own, since those of one warp would walk one after the other. Where both ends are the same
/// token, one walk is enough.
struct WalkBack {
  LaneTask& task;

  static constexpr std::uint32_t kWarpThreads = 32;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    if (thread.index == 0) walk(task.end);
    if (task.final_end.token == task.end.token) return;
    if (thread.index == (thread.count > kWarpThreads ? kWarpThreads : 0)) walk(task.final_end);
  }

  constexpr void walk(PathEnd& end) const {
    const Lane& lane = task.lane;
    const std::uint32_t room = task.arena.capacity[Room::kTail];
    std::uint32_t count = 0;
    for (std::uint32_t token = end.token; token != kNone && token != lane.history_root;) {
      const HistoryToken& past = lane.history[token];
      if (count < room) end.arcs[count] = past.arc;
      ++count;
      token = past.previous;
    }
    end.arc_count = count;
  }
};

/// Finds the ends of the best path and the arcs that lead to them. Returns whether there was room.
template <typename Access, PhaseExecutor Executor>
constexpr bool trace_ends(const Executor& executor, LaneTask& task) {
  executor.alone([&] {
    task.end = {.arcs = task.end.arcs};
    task.final_end = {.arcs = task.final_end.arcs};
  });
  executor.run(FindEnds<Access>{task});
  executor.run(FindEndContexts<Access>{task});
  executor.run(NoteEnds{task});
  executor.run(WalkBack{task});
  executor.alone([&] {
    task.arena.begin(task.lane);
    task.arena.require(Room::kTail, task.end.arc_count);
    task.arena.require(Room::kTail, task.final_end.arc_count);
  });
  return !task.arena.has_stopped(executor);
}

/// Copies the settled arcs and those of the two ends into the output for the host. Returns whether
/// there was room.
template <typename Access, PhaseExecutor Executor>
constexpr bool deliver_arcs(const Executor& executor, LaneTask& task) {
  executor.alone([&] {
    task.arena.begin(task.lane);
    task.output_begin = Access::add(*task.output_count, delivered_count(task));
    task.arena.require(Room::kOutput, task.output_begin + delivered_count(task));
  });
  if (task.arena.has_stopped(executor)) return false;
  const std::uint32_t settled_count = task.arena.settled_count;
  std::uint32_t* const settled = task.output + task.output_begin;
  std::uint32_t* const tail = settled + settled_count;
  std::uint32_t* const final_tail = tail + task.end.arc_count;
  executor.run(CopyValues<std::uint32_t>{task.arena.settled, settled, settled_count});
  executor.run(CopyReversed{task.end.arcs, tail, task.end.arc_count});
  executor.run(CopyReversed{task.final_end.arcs, final_tail, final_arc_count(task)});
  return true;
}

/// Copies the stream's tokens from the lane to where the stream rests. Returns whether there was
/// room.
template <PhaseExecutor Executor>
constexpr bool store_stream(const Executor& executor, LaneTask& task) {
  const Lane& lane = task.lane;
  executor.alone([&] {
    task.arena.begin(task.lane);
    task.arena.require(Room::kRestingActive, lane.active_count);
    if (!lane.keep_lattice) task.arena.require(Room::kRestingHistory, lane.history_count);
  });
  if (task.arena.has_stopped(executor)) return false;
  executor.run(CopyValues<ActiveToken>{lane.active, task.resting_active, lane.active_count});
  if (!lane.keep_lattice) {
    executor.run(CopyValues<HistoryToken>{lane.history, task.resting_history, lane.history_count});
  }
  return true;
}

/// Carries a task on from its stage to kDone, or to the stage for which room is missing. `near` is
/// memory of the team's own, whose contents do not matter. All threads of the team call it
/// together.
template <typename Access, PhaseExecutor Executor>
constexpr void run_lane(const Executor& executor, LaneTask& task, const NearMemory& near) {
  Lane& lane = task.lane;
  LaneArena& arena = task.arena;
  LaneStage stage = task.stage;
  const auto proceed = [&](LaneStage wanted, const auto& part) {
    if (stage == wanted && part()) {
      stage = static_cast<LaneStage>(static_cast<std::uint32_t>(wanted) + 1);
    }
  };
  executor.alone([&] { arena.enter(lane, near); });
  if (near.slot_bits != 0) executor.run(ClearSlots{near.slots, 1U << near.slot_bits});
  if (arena.is_table_new) {
    executor.run(ClearSlots{arena.slots, 1U << arena.capacity[Room::kSlotBits]});
    executor.alone([&] { arena.is_table_new = false; });
  }

  proceed(LaneStage::kLoad, [&] {
    executor.alone([&] {
      arena.begin(lane);
      arena.require(Room::kActive, lane.active_count);
    });
    if (arena.has_stopped(executor)) return false;
    executor.run(CopyValues<ActiveToken>{task.resting_active, lane.active, lane.active_count});
    if (!lane.keep_lattice) {
      executor.run(
          CopyValues<HistoryToken>{task.resting_history, lane.history, lane.history_count});
    }
    return true;
  });
  proceed(LaneStage::kSearch,
          [&] { return advance_block<Access>(executor, lane, arena, task.block); });
  proceed(LaneStage::kSettle, [&] { return settle_lattice<Access>(executor, task); });
  proceed(LaneStage::kTrace, [&] { return !task.traces || trace_ends<Access>(executor, task); });
  proceed(LaneStage::kDeliver, [&] { return deliver_arcs<Access>(executor, task); });
  proceed(LaneStage::kStore, [&] { return !task.stores || store_stream(executor, task); });
  executor.alone([&] { task.stage = stage; });
}

}  // namespace harpy::token_passing
