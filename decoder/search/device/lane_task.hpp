#pragma once

#include <cstdint>

#include "decoder/search/device/lane_arena.hpp"
#include "decoder/search/program/block.hpp"
#include "decoder/search/program/cost.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

/// How far a lane has come with its task. A lane that stops for want of room goes on with the stage
/// it was in.
enum class LaneStage : std::uint32_t {
  kLoad,     ///< the stream's tokens go into the lane
  kSearch,   ///< the block is searched; SearchBlock says how much is done
  kSettle,   ///< where a lattice is kept, the arcs that all paths share are found
  kTrace,    ///< the ends of the best path are found
  kDeliver,  ///< arcs go to the host
  kStore,    ///< the stream's tokens go back to where it rests
  kDone
};

/// The live token where the path of least cost ends, and the arcs that lead to it from the settled
/// part of the path.
struct PathEnd {
  std::uint64_t key = kNoPathEnd;  ///< see path_end_key
  std::uint32_t context = kNone;
  std::uint32_t token = kNone;  ///< of the history
  std::uint32_t arc_count = 0;
  std::uint32_t* arcs = nullptr;  ///< [capacity[kTail]], newest first
};

/// What a lane is to do: search a block of frames of one stream. The task travels to the device
/// with all that the lane needs, and back with what the lane has found. Pointers are the device's.
struct LaneTask {
  Lane lane;
  LaneArena arena;
  SearchBlock block;
  LaneStage stage = LaneStage::kLoad;
  bool traces = false;  ///< whether the best path's ends are wanted
  bool stores = false;  ///< whether the stream leaves the lane afterwards

  // The lane's own histories, of which a stream with a lattice uses the spare one alone.
  HistoryToken* lane_history = nullptr;
  HistoryToken* lane_history_spare = nullptr;

  // The stream at rest.
  ActiveToken* resting_active = nullptr;
  HistoryToken* resting_history = nullptr;  ///< unused where a lattice is kept

  // Where a lattice is kept.
  std::uint32_t root_frame = 0;           ///< the lattice's frame of lane.history_root
  std::uint32_t settled_frame_count = 0;  ///< frames when arcs were last settled

  PathEnd end;        ///< at the best live token
  PathEnd final_end;  ///< likewise, final costs included
  // What was delivered, from output_begin on: settled arcs, then those of `end`, then those of
  // `final_end` unless its token is the same; all oldest first.
  std::uint32_t* output = nullptr;        ///< [capacity[kOutput]], shared by the lanes of a launch
  std::uint32_t* output_count = nullptr;  ///< likewise
  std::uint32_t output_begin = 0;
};

/// How many arcs a task delivers for its final end, and in all.
constexpr std::uint32_t final_arc_count(const LaneTask& task) {
  return task.final_end.token == task.end.token ? 0 : task.final_end.arc_count;
}
constexpr std::uint32_t delivered_count(const LaneTask& task) {
  return task.arena.settled_count + task.end.arc_count + final_arc_count(task);
}

}  // namespace harpy::token_passing
