#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <source_location>
#include <utility>

#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {

/// The blocks of a launch, the threads of each, and its dynamic shared memory.
struct Grid {
  dim3 blocks, threads;
  std::size_t shared_bytes = 0;
};

/// The stream that a kernel is a step of, and where in the sources it is launched.
struct LaunchPlace {
  cudaStream_t stream;
  std::source_location where;

  // Implicit, so that a launch names no more than its stream.
  LaunchPlace(cudaStream_t of, std::source_location at = std::source_location::current())
      : stream(of), where(at) {}
};

/// Launches a kernel: the only place that does, as a call of the runtime in place of the compiler's
/// own syntax. Errors: DeviceError.
template <typename... Parameters, typename... Arguments>
void launch(const LaunchPlace& place, const Grid& grid, void (*kernel)(Parameters...),
            Arguments&&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = grid.blocks;
  config.blockDim = grid.threads;
  config.dynamicSmemBytes = grid.shared_bytes;
  config.stream = place.stream;
  check(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...), place.where);
}

}  // namespace harpy::cuda
