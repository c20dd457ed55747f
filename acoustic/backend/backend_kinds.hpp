#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "acoustic/backend/backend.hpp"

// The kinds of backends between which harpy::create_backend and harpy::find_devices choose. Each is
// defined in a folder of its own, so that those who choose include neither.

namespace harpy::cpu {

/// A backend on the host: products by oneDNN, the rest by vectorised loops, both over
/// options.thread_count threads. Defined in cpu/cpu_backend.cpp.
std::unique_ptr<Backend> create_backend(const BackendOptions& options);

}  // namespace harpy::cpu

namespace harpy::cuda {

// Defined in cuda/cuda_devices.cu, and in cuda/cuda_unavailable.cpp for a build without CUDA, which
// finds no device and says so.

/// The CUDA devices that this build can use, and why others are left out or there is none.
DeviceReport find_devices();

/// Of the device of that index; nothing if it does not answer.
std::optional<std::uint64_t> used_memory_bytes(int device_index);

/// Errors: DeviceError if the device is not usable here, saying why.
std::unique_ptr<Backend> create_backend(const BackendOptions& options);

}  // namespace harpy::cuda
