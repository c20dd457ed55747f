#pragma once

#include <memory>

#include "acoustic/backend/backend.hpp"

namespace harpy::cuda {

/// The number of usable CUDA devices; 0 in a build without CUDA or on a machine without one.
int device_count() noexcept;

/// Errors: std::runtime_error if the device is not usable here, saying why.
std::unique_ptr<Backend> create_backend(const BackendOptions& options);

}  // namespace harpy::cuda
