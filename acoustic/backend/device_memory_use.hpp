#pragma once

#include <cstdint>
#include <optional>

#include "acoustic/backend/device.hpp"

namespace harpy {

/// Bytes of a device's own memory that are in use, by whichever program. Nothing for the CPU, which
/// has none, and for a device that does not answer.
/// Cost: asks the driver, which may wait for it: not for a thread that must never wait.
std::optional<std::uint64_t> used_memory_bytes(Device device);

}  // namespace harpy
