// Stands in for the CUDA sources in a build without CUDA.
#include "acoustic/backend/cuda/cuda_devices.hpp"

namespace harpy::cuda {

int device_count() noexcept { return 0; }

}  // namespace harpy::cuda
