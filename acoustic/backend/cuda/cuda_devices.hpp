#pragma once

#include <memory>

#include "acoustic/backend/backend.hpp"

namespace harpy::cuda {

/// The CUDA devices that this build can use, and why others are left out or there is none.
DeviceReport find_devices();

/// Errors: cuda::Error if the device is not usable here, saying why.
std::unique_ptr<Backend> create_backend(const BackendOptions& options);

}  // namespace harpy::cuda
