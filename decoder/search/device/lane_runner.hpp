#pragma once

#include <cstdint>
#include <memory>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/device_buffer.hpp"
#include "decoder/search/device/lane_task.hpp"
#include "decoder/search/make_beam_search.hpp"

namespace harpy::token_passing {

/// Runs lanes on a device.
class LaneRunner {
 public:
  virtual ~LaneRunner() = default;

  /// The memory that the lanes work in.
  virtual const std::shared_ptr<DeviceMemory>& memory() const = 0;

  /// How many lanes the device carries out at once.
  virtual std::uint32_t lane_count() const = 0;

  /// Whether lanes can read these values where they are.
  virtual bool can_read(const float* values) const = 0;

  /// Begins run_lane on each of `count` tasks, which lie in the device's memory, all at once. A
  /// copy from that memory to the host waits until all of them have ended.
  virtual void run(LaneTask* tasks, std::uint32_t count) = 0;
};

/// The lanes of the backend's device: a block of threads for each, one lane or two on each of its
/// multiprocessors, all work in the order of the backend's stream. Defined in
/// cuda/lane_runner_cuda.cu, and in cuda/lane_runner_unavailable.cpp for a build without CUDA,
/// which refuses every backend.
/// Errors: std::invalid_argument for a backend that is no CUDA device's; DeviceError, here and when
/// lanes are run.
std::unique_ptr<LaneRunner> make_lane_runner(Backend& backend, LaneForm form);

}  // namespace harpy::token_passing
