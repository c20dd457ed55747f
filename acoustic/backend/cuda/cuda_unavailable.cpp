// Stands in for the CUDA sources in a build without CUDA.
#include <stdexcept>

#include "acoustic/backend/cuda/cuda_devices.hpp"

namespace harpy::cuda {

int device_count() noexcept { return 0; }

std::unique_ptr<Backend> create_backend(const BackendOptions& options) {
  throw std::runtime_error("device " + to_string(options.device) +
                           ": this build of harpy has no CUDA support");
}

}  // namespace harpy::cuda
