#pragma once

#include <cstddef>
#include <memory>

#include "acoustic/backend/device_buffer.hpp"
#include "decoder/graph/arc.hpp"
#include "decoder/search/beam_search.hpp"
#include "decoder/search/device/lane_task.hpp"

namespace harpy {

/// At most this many frames are searched between two prunings of the past.
inline constexpr std::int64_t kLaneBlockFrames = 32;

/// The room of a lane that has not searched yet: what speech mostly needs.
RoomSizes usual_lane_rooms(const GraphView& graph, const BeamSearchOptions& options);

/// The working memory of one search on a device, and the host's copy of its task.
class DeviceLane {
 public:
  /// `rooms`: what to begin with. Errors: those of the device, std::bad_alloc among them.
  DeviceLane(std::shared_ptr<DeviceMemory> memory, const GraphView& graph,
             const BeamSearchOptions& options, const RoomSizes& rooms);

  /// Enlarges what is less than needed, by half at least. The lane's tokens, its history and the
  /// arcs it has settled stay.
  void make_room(const RoomSizes& needs);

  std::size_t size_bytes() const { return arrays_.size(); }

  LaneTask task;

 private:
  void allocate();

  std::shared_ptr<DeviceMemory> memory_;
  DeviceBuffer<std::byte> arrays_;
};

}  // namespace harpy
