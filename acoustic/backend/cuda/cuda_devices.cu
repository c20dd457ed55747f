#include <cuda_runtime_api.h>

#include <algorithm>
#include <array>
#include <string>

#include "acoustic/backend/backend_kinds.hpp"
#include "acoustic/backend/cuda/check.hpp"
#include "acoustic/backend/cuda/cuda_backend.hpp"

namespace harpy::cuda {
namespace {

/// What this file, and so the build, is compiled for: 900 is compute capability 9.0. A device runs
/// what is compiled for its own or, by the driver's translation, for an earlier capability.
constexpr std::array kArchitectures{__CUDA_ARCH_LIST__};
constexpr int kLeastArchitecture = *std::min_element(kArchitectures.begin(), kArchitectures.end());

/// 13000 is version 13.0.
std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// Why the runtime finds no device.
std::string obstacle(cudaError_t status) {
  int driver = 0, runtime = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess ||
      cudaRuntimeGetVersion(&runtime) != cudaSuccess) {
    cudaGetLastError();
    return cudaGetErrorString(status);
  }
  if (driver == 0) return "no NVIDIA driver is installed";
  if (status == cudaErrorInsufficientDriver) {
    return "the NVIDIA driver is for CUDA " + version_text(driver) +
           " at most, this build needs CUDA " + version_text(runtime);
  }
  if (status == cudaSuccess || status == cudaErrorNoDevice) {
    return "the NVIDIA driver shows no device (CUDA_VISIBLE_DEVICES may hide it)";
  }
  return cudaGetErrorString(status);
}

std::string capability_text(int architecture) {
  return std::to_string(architecture / 100) + "." + std::to_string(architecture % 100 / 10);
}

}  // namespace

DeviceReport find_devices() {
  DeviceReport report;
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess || count == 0) {
    cudaGetLastError();  // so that the next call is not blamed for it
    report.cuda_obstacle = obstacle(status);
    return report;
  }
  for (int index = 0; index < count; ++index) {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, index));
    const int architecture = properties.major * 100 + properties.minor * 10;
    if (architecture < kLeastArchitecture) {
      report.cuda_obstacle = "cuda:" + std::to_string(index) + " (" + properties.name +
                             ") is of compute capability " + capability_text(architecture) +
                             ", this build needs " + capability_text(kLeastArchitecture);
      continue;
    }
    report.devices.push_back({.device = {DeviceKind::kCuda, index},
                              .name = properties.name,
                              .memory_bytes = properties.totalGlobalMem});
  }
  return report;
}

std::optional<std::uint64_t> used_memory_bytes(int device_index) {
  std::size_t free_bytes = 0, all_bytes = 0;
  if (cudaSetDevice(device_index) != cudaSuccess ||
      cudaMemGetInfo(&free_bytes, &all_bytes) != cudaSuccess) {
    cudaGetLastError();  // so that the next call is not blamed for it
    return std::nullopt;
  }
  return all_bytes - free_bytes;
}

std::unique_ptr<Backend> create_backend(const BackendOptions& options) {
  const DeviceReport found = find_devices();
  const bool usable =
      std::any_of(found.devices.begin(), found.devices.end(),
                  [&](const DeviceDescription& d) { return d.device == options.device; });
  if (!usable) {
    throw error_at(DeviceErrorKind::kUnusable,
                   to_string(options.device) + ": " +
                       (found.cuda_obstacle.empty()
                            ? "there are only " + std::to_string(found.devices.size()) + " devices"
                            : found.cuda_obstacle));
  }
  return std::make_unique<CudaBackend>(options);
}

}  // namespace harpy::cuda
