#pragma once

#include <cuda_runtime_api.h>

#include <source_location>

namespace harpy::cuda {

/// Nothing if a call of the CUDA runtime went well, else a cuda::Error that says what went wrong
/// and where the call stands.
void check(cudaError_t status, const std::source_location& where = std::source_location::current());

/// Checks the launch of the kernel just before.
inline void check_launch(const std::source_location& where = std::source_location::current()) {
  check(cudaGetLastError(), where);
}

}  // namespace harpy::cuda
