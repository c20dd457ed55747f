#pragma once

#include <cstdint>
#include <memory>

#include "acoustic/backend/device_buffer.hpp"
#include "decoder/search/device/lane_task.hpp"

namespace harpy {

/// Runs lanes on a device.
class LaneRunner {
 public:
  virtual ~LaneRunner() = default;

  /// The memory that the lanes work in.
  virtual const std::shared_ptr<DeviceMemory>& memory() const = 0;

  /// Whether lanes can read these values where they are.
  virtual bool can_read(const float* values) const = 0;

  /// Carries out run_lane on each of `count` tasks, which lie in the device's memory, all at once.
  /// A copy from that memory waits for the end.
  virtual void run(LaneTask* tasks, std::uint32_t count) = 0;
};

}  // namespace harpy
