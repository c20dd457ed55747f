#pragma once

#include <cuda_runtime_api.h>

#include <functional>

namespace harpy::cuda_emulation {

/// Gives a stream the launch of a kernel; `thread` is what each of its threads does.
cudaError_t launch(const cudaLaunchConfig_t& config, const void* kernel,
                   std::function<void()> thread);

}  // namespace harpy::cuda_emulation
