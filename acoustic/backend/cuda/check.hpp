#pragma once

#include <cuda_runtime_api.h>

#include <source_location>
#include <string>

#include "acoustic/backend/device_error.hpp"

namespace harpy::cuda {

/// An error to be thrown that tells where it was found: "CUDA: MESSAGE (FILE:LINE)".
DeviceError error_at(DeviceErrorKind kind, const std::string& message,
                     const std::source_location& where = std::source_location::current());

/// Throws a DeviceError unless a call of the CUDA runtime succeeded. The error says what went wrong
/// and where the call stands.
void check(cudaError_t status, const std::source_location& where = std::source_location::current());

}  // namespace harpy::cuda
