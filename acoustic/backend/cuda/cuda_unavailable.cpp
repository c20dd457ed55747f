// Stands in for the CUDA sources in a build without CUDA.
#include "acoustic/backend/cuda/cuda_devices.hpp"
#include "acoustic/backend/cuda/error.hpp"

namespace harpy::cuda {
namespace {

constexpr auto kObstacle = "this build of harpy has no CUDA support";

}  // namespace

DeviceReport find_devices() { return {{}, kObstacle}; }

std::unique_ptr<Backend> create_backend(const BackendOptions& options) {
  throw Error(ErrorKind::kUnusable, to_string(options.device) + ": " + kObstacle);
}

}  // namespace harpy::cuda
