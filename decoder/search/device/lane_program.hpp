#pragma once

#include <cstdint>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/device/lane_task.hpp"
#include "decoder/search/program/block.hpp"
#include "decoder/search/program/cost.hpp"

// What a lane does with a task, by a team of threads: a block of a GPU's, or any other.

namespace harpy {

/// Empties a hash table. A thread owns the slots it empties.
struct ClearSlots {
  HashSlot* slots;
  std::uint32_t count;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < count; i += thread.count) slots[i] = HashSlot{};
  }
};

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

/// Finds the best live tokens, without and with final costs; of equal costs the lower state wins.
/// What is not finite is no end. Threads race for the two keys.
template <typename Access>
struct FindEnds {
  LaneTask& task;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    std::uint64_t best = ~std::uint64_t{0};
    std::uint64_t final_best = ~std::uint64_t{0};
    for (std::uint32_t i = thread.index; i < task.lane.active_count; i += thread.count) {
      const ActiveToken& token = task.lane.active[i];
      const std::uint64_t key = candidate_key(token.cost, token.state);
      const std::uint64_t final_key =
          candidate_key(token.cost + task.lane.graph.final_cost[token.state], token.state);
      best = key < best ? key : best;
      final_best = final_key < final_best ? final_key : final_best;
    }
    Access::min(task.end.key, best);
    Access::min(task.final_end.key, final_best);
  }
};

/// Notes the tokens of the best keys. States differ, so one thread at most writes each.
struct NoteEnds {
  LaneTask& task;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < task.lane.active_count; i += thread.count) {
      const ActiveToken& token = task.lane.active[i];
      const float final_cost = token.cost + task.lane.graph.final_cost[token.state];
      if (candidate_key(token.cost, token.state) == task.end.key) {
        task.end.token = token.history;
      }
      if (candidate_key(final_cost, token.state) == task.final_end.key) {
        task.final_end.token = token.history;
      }
    }
  }
};

/// Walks back from the ends to the settled part, a thread for each end. Counts all arcs, writes
/// those that there is room for.
struct WalkBack {
  LaneTask& task;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    if (thread.index == 0) walk(task.end);
    if (thread.index == (thread.count > 1 ? 1 : 0)) walk(task.final_end);
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

/// Tells every thread whether the lane has stopped, before any of them can change that.
template <typename Executor>
constexpr bool has_stopped(const Executor& executor, const LaneArena& arena) {
  const bool is_stopped = arena.is_stopped;
  executor.run(EmptyPhase{});
  return is_stopped;
}

/// Carries out a part of the search, anew with a larger table where that is all it takes. Returns
/// whether it was done; otherwise the arena's needs say what was missing, and the lane's tokens are
/// what they were before.
template <typename Executor, typename Part>
constexpr bool attempt(const Executor& executor, LaneTask& task, const Part& part) {
  Lane& lane = task.lane;
  LaneArena& arena = task.arena;
  executor.alone([&] { arena.begin(lane); });
  for (;;) {
    part(StoppableExecutor<Executor>{executor, arena.is_stopped});
    const bool lacks_room = arena.lacks_room;
    if (!has_stopped(executor, arena)) return true;
    executor.run(ClearSlots{lane.slots, 1U << lane.slot_bits});
    executor.alone([&] { arena.begin(lane); });
    if (lacks_room) return false;
    executor.alone([&] { ++arena.retried_frame_count; });
  }
}

/// Consumes the block's frames. Returns whether there was room for all.
template <typename Access, typename Executor>
constexpr bool consume_frames(const Executor& executor, LaneTask& task) {
  Lane& lane = task.lane;
  executor.run(ScaleScores{task.block});
  for (std::uint32_t frame = task.frames_done; frame < task.block.frame_count; ++frame) {
    executor.alone(
        [&] { lane.acoustic_costs = task.block.acoustic_costs + frame * task.block.pdf_count; });
    const bool is_done = attempt(executor, task, [&](const auto& stoppable) {
      advance_frame<Access>(stoppable, lane, task.arena);
    });
    if (!is_done) return false;
    executor.alone([&] {
      task.arena.commit(lane);
      task.frames_done = frame + 1;
    });
  }
  return true;
}

/// Finds the ends of the best path. Returns whether there was room.
template <typename Access, typename Executor>
constexpr bool trace_ends(const Executor& executor, LaneTask& task) {
  executor.alone([&] {
    task.end = {.arcs = task.end.arcs};
    task.final_end = {.arcs = task.final_end.arcs};
  });
  executor.run(FindEnds<Access>{task});
  executor.alone([&] {
    if (!(key_cost(task.end.key) < kInfiniteCost)) task.end.key = ~std::uint64_t{0};
    if (!(key_cost(task.final_end.key) < kInfiniteCost)) task.final_end.key = ~std::uint64_t{0};
  });
  executor.run(NoteEnds{task});
  executor.run(WalkBack{task});
  executor.alone([&] {
    task.arena.begin(task.lane);
    task.arena.require(Room::kTail, task.end.arc_count);
    task.arena.require(Room::kTail, task.final_end.arc_count);
  });
  return !has_stopped(executor, task.arena);
}

/// Hands settled arcs and ends to the host. Returns whether there was room.
template <typename Access, typename Executor>
constexpr bool deliver_arcs(const Executor& executor, LaneTask& task) {
  executor.alone([&] {
    task.arena.begin(task.lane);
    task.output_begin = Access::add(*task.output_count, delivered_count(task));
    task.arena.require(Room::kOutput, task.output_begin + delivered_count(task));
  });
  if (has_stopped(executor, task.arena)) return false;
  const std::uint32_t settled_count = task.arena.settled_count;
  std::uint32_t* const settled = task.output + task.output_begin;
  std::uint32_t* const tail = settled + settled_count;
  std::uint32_t* const final_tail = tail + task.end.arc_count;
  executor.run(CopyValues<std::uint32_t>{task.arena.settled, settled, settled_count});
  executor.run(CopyReversed{task.end.arcs, tail, task.end.arc_count});
  executor.run(CopyReversed{task.final_end.arcs, final_tail, final_arc_count(task)});
  return true;
}

/// Lets the stream leave the lane. Returns whether there was room.
template <typename Executor>
constexpr bool store_stream(const Executor& executor, LaneTask& task) {
  const Lane& lane = task.lane;
  executor.alone([&] {
    task.arena.begin(task.lane);
    task.arena.require(Room::kRestingActive, lane.active_count);
    if (!lane.keep_lattice) task.arena.require(Room::kRestingHistory, lane.history_count);
  });
  if (has_stopped(executor, task.arena)) return false;
  executor.run(CopyValues<ActiveToken>{lane.active, task.resting_active, lane.active_count});
  if (!lane.keep_lattice) {
    executor.run(CopyValues<HistoryToken>{lane.history, task.resting_history, lane.history_count});
  }
  return true;
}

/// Carries a task from its stage to kDone, or to the stage that needs more room. `near` is the
/// team's own memory, whose contents do not matter. Threads: all threads of the team call it.
template <typename Access, typename Executor>
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
    executor.run(CopyValues<ActiveToken>{task.resting_active, lane.active, lane.active_count});
    if (!lane.keep_lattice) {
      executor.run(
          CopyValues<HistoryToken>{task.resting_history, lane.history, lane.history_count});
    }
    return true;
  });
  proceed(LaneStage::kStart, [&] {
    const bool is_done =
        !task.block.is_first || attempt(executor, task, [&](const auto& stoppable) {
          start_search<Access>(stoppable, lane, arena);
        });
    executor.alone([&] { arena.active_count = lane.active_count; });
    return is_done;
  });
  proceed(LaneStage::kFrames, [&] { return consume_frames<Access>(executor, task); });
  proceed(LaneStage::kPrune, [&] {
    if (task.block.frame_count == 0) return true;
    if (!lane.keep_lattice) {
      prune_history<Access>(executor, lane, arena);
      return true;
    }
    if (lane.lattice_frame_count - lane.pruned_frame_count < kLatticePruningFrames) return true;
    return attempt(executor, task, [&](const auto& stoppable) {
      prune_lattice<Access>(stoppable, lane, arena, lane.pruned_frame_count);
    });
  });
  proceed(LaneStage::kTrace, [&] { return !task.traces || trace_ends<Access>(executor, task); });
  proceed(LaneStage::kDeliver, [&] { return deliver_arcs<Access>(executor, task); });
  proceed(LaneStage::kStore, [&] { return !task.stores || store_stream(executor, task); });
  executor.alone([&] { task.stage = stage; });
}

}  // namespace harpy
