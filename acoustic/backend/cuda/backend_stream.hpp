#pragma once

#include <cuda_runtime_api.h>

#include "acoustic/backend/backend.hpp"

namespace harpy::cuda {

/// Makes the backend's device current for this thread and returns the stream that its work goes
/// to, for kernels of other modules. Errors: std::invalid_argument if it is no CUDA device's.
cudaStream_t stream_of(Backend& backend);

}  // namespace harpy::cuda
