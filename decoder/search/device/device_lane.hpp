#pragma once

#include <cstddef>
#include <memory>

#include "acoustic/backend/device_buffer.hpp"
#include "decoder/graph/arc.hpp"
#include "decoder/search/beam_search.hpp"
#include "decoder/search/device/lane_task.hpp"

namespace harpy::token_passing {

/// The room that new lanes and streams at rest begin with: as much as speech mostly needs.
RoomSizes usual_rooms(const GraphView& graph, const BeamSearchOptions& options);

/// The working memory of one search on a device, and the host's copy of its task.
class DeviceLane {
 public:
  /// `rooms` is what the lane begins with. Errors: those of the device, std::bad_alloc among them.
  DeviceLane(std::shared_ptr<DeviceMemory> memory, const GraphView& graph,
             const BeamSearchOptions& options, const RoomSizes& rooms);

  /// Enlarges each room that is smaller than needed, by half at least. The lane keeps its tokens,
  /// its history and the arcs it has settled.
  void make_room(const RoomSizes& needs);

  std::size_t size_bytes() const { return arrays_.size(); }

  LaneTask task;

 private:
  void allocate();

  std::shared_ptr<DeviceMemory> memory_;
  DeviceBuffer<std::byte> arrays_;
};

}  // namespace harpy::token_passing
