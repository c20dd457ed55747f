#include "acoustic/backend/device_memory_use.hpp"

#include "acoustic/backend/backend_kinds.hpp"

namespace harpy {

std::optional<std::uint64_t> used_memory_bytes(Device device) {
  if (device.kind != DeviceKind::kCuda) return std::nullopt;
  return cuda::used_memory_bytes(device.index);
}

}  // namespace harpy
