// Stands in for the CUDA sources in a build without CUDA.
#include "acoustic/backend/backend_kinds.hpp"
#include "acoustic/backend/device_error.hpp"

namespace harpy::cuda {
namespace {

constexpr auto kObstacle = "this build of harpy has no CUDA support";

}  // namespace

DeviceReport find_devices() { return {{}, kObstacle}; }

std::optional<std::uint64_t> used_memory_bytes(int /*device_index*/) { return std::nullopt; }

std::unique_ptr<Backend> create_backend(const BackendOptions& options) {
  throw DeviceError(DeviceErrorKind::kUnusable, to_string(options.device) + ": " + kObstacle);
}

}  // namespace harpy::cuda
