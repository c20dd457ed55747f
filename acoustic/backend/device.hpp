#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harpy {

enum class DeviceKind { kCpu, kCuda };

/// A processor that runs networks and searches.
struct Device {
  DeviceKind kind = DeviceKind::kCpu;
  int index = 0;  ///< of a CUDA device; 0 for the CPU

  bool operator==(const Device&) const = default;
};

/// Reads "cpu", "cuda", "cuda:1" or "auto" (the first CUDA device, else the CPU).
/// Errors: std::invalid_argument for other text.
Device parse_device(std::string_view text);

/// The devices this build can use on this machine; the CPU is always there and first.
std::vector<Device> available_devices();

/// "cpu" or "cuda:N".
std::string to_string(Device device);

}  // namespace harpy
