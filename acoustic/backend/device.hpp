#pragma once

#include <cstdint>
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

/// A device as people know it.
struct DeviceDescription {
  Device device;
  std::string name;                ///< its model
  std::uint64_t memory_bytes = 0;  ///< of its own; 0 for the CPU
};

/// The devices found, and what stands in the way of others.
struct DeviceReport {
  std::vector<DeviceDescription> devices;  ///< those of available_devices()
  std::string cuda_obstacle;  ///< why there is no CUDA device, or not every one; else empty
};

/// A device, and a reason if the CPU was taken because there is no other.
struct DeviceChoice {
  Device device;
  std::string reason;
};

/// Reads "cpu", "cuda", "cuda:1" or "auto" (the first CUDA device, else the CPU).
/// Errors: std::invalid_argument for other text.
DeviceChoice choose_device(std::string_view text);

/// The device that choose_device chooses. Errors: as choose_device.
Device parse_device(std::string_view text);

/// The devices this build can use on this machine; the CPU is always there and first.
std::vector<Device> available_devices();

/// Looks for devices without setting any of them up.
DeviceReport find_devices();

/// "cpu" or "cuda:N".
std::string to_string(Device device);

}  // namespace harpy
