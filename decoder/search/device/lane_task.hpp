#pragma once

#include <cstdint>

#include "decoder/search/device/lane_arena.hpp"
#include "decoder/search/program/block.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy {

/// How far a lane has come with its task. A lane that stops for want of room goes on with the stage
/// it was in.
enum class LaneStage : std::uint32_t {
  kLoad,
  kStart,
  kFrames,
  kPrune,
  kTrace,
  kDeliver,
  kStore,
  kDone
};

/// The live token where the path of least cost ends, and the arcs that lead to it from the settled
/// part of the path.
struct PathEnd {
  std::uint64_t key = ~std::uint64_t{0};  ///< ordered cost << 32 | graph state; all ones: none
  std::uint32_t token = kNone;            ///< of the history
  std::uint32_t arc_count = 0;
  std::uint32_t* arcs = nullptr;  ///< [capacity[kTail]], newest first
};

/// A block of frames for one stream, all that a lane needs for it and what it finds: what goes to a
/// device and back. Pointers are the device's.
struct LaneTask {
  Lane lane;
  LaneArena arena;
  SearchBlock block;
  LaneStage stage = LaneStage::kLoad;
  std::uint32_t frames_done = 0;  ///< of the block
  bool traces = false;            ///< whether the best path's end is wanted
  bool stores = false;            ///< whether the stream leaves the lane

  // The stream at rest.
  ActiveToken* resting_active = nullptr;
  HistoryToken* resting_history = nullptr;  ///< unused where a lattice is kept

  PathEnd end;        ///< at the best live token
  PathEnd final_end;  ///< likewise, final costs included
  // What was delivered: settled arcs, those of `end`, those of `final_end` unless its token is the
  // same; oldest first.
  std::uint32_t* output = nullptr;        ///< [capacity[kOutput]], shared by the lanes of a launch
  std::uint32_t* output_count = nullptr;  ///< likewise
  std::uint32_t output_begin = 0;
};

/// How many arcs a task delivers.
constexpr std::uint32_t final_arc_count(const LaneTask& task) {
  return task.final_end.token == task.end.token ? 0 : task.final_end.arc_count;
}
constexpr std::uint32_t delivered_count(const LaneTask& task) {
  return task.arena.settled_count + task.end.arc_count + final_arc_count(task);
}

}  // namespace harpy
