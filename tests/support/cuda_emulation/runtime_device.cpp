// The runtime's calls about devices, errors and kernels.

#include <cuda_runtime.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "tests/support/cuda_emulation/device.hpp"
#include "tests/support/cuda_emulation/emulation.hpp"

namespace harpy::cuda_emulation {
namespace {

constexpr int kVersion = 13000;
constexpr int kMultiprocessors = 2;
/// Shared memory that the device keeps of each block.
constexpr int kReservedSharedBytes = 1024;
/// What a kernel asks for beside its dynamic shared memory.
constexpr std::size_t kStaticSharedBytes = 1024;
constexpr unsigned kMostThreads = 1024;
/// What a kernel is said to have registers for: two warps, so that tests are quick.
constexpr int kKernelThreads = 64;

bool is_hidden() {
  const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES");
  return visible != nullptr && *visible == '\0';
}

std::size_t volume(const dim3& extents) { return std::size_t{extents.x} * extents.y * extents.z; }

}  // namespace

cudaError_t launch(const cudaLaunchConfig_t& config, const void* kernel,
                   std::function<void()> thread) {
  return on_device([&](Device& device) {
    if (volume(config.gridDim) == 0 || volume(config.blockDim) == 0 ||
        volume(config.blockDim) > kMostThreads) {
      return device.refuse(cudaErrorInvalidConfiguration, "a launch of no or too many threads");
    }
    if (config.dynamicSmemBytes > device.shared_limit(kernel)) {
      return device.refuse(cudaErrorInvalidValue, "a launch with " +
                                                      std::to_string(config.dynamicSmemBytes) +
                                                      " bytes of shared memory, of " +
                                                      std::to_string(device.shared_limit(kernel)));
    }
    const BlockShape shape{config.gridDim, config.blockDim, config.dynamicSmemBytes};
    return device.give_computation(
        config.stream, [shape, work = std::move(thread)] { return run_grid(shape, work); });
  });
}

}  // namespace harpy::cuda_emulation

namespace emulation = harpy::cuda_emulation;
using emulation::Device;
using emulation::on_device;

const char* cudaGetErrorName(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "cudaErrorMemoryAllocation" : "emulated error";
}

const char* cudaGetErrorString(cudaError_t error) {
  static thread_local std::string text;
  text = "error " + std::to_string(error) + " of the emulated device";
  return text.c_str();
}

cudaError_t cudaGetLastError() {
  const std::scoped_lock lock(emulation::device_mutex());
  Device& device = emulation::the_device();
  const cudaError_t last = device.take_last_error();
  return device.broken() != cudaSuccess ? device.broken() : last;
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = emulation::kVersion;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = emulation::kVersion;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = emulation::is_hidden() ? 0 : 1;
  return on_device([&](Device&) { return *count == 0 ? cudaErrorNoDevice : cudaSuccess; });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device != 0) return cudaErrorInvalidDevice;
  *properties = {};
  std::strcpy(properties->name, "Emulated device");
  properties->totalGlobalMem = emulation::kMemoryBytes;
  properties->major = 9;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  if (device != 0) return cudaErrorInvalidDevice;
  switch (attribute) {
    case cudaDevAttrMultiProcessorCount:
      *value = emulation::kMultiprocessors;
      return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      *value = emulation::kReservedSharedBytes + static_cast<int>(emulation::kMostSharedBytes);
      return cudaSuccess;
    case cudaDevAttrReservedSharedMemoryPerBlock:
      *value = emulation::kReservedSharedBytes;
      return cudaSuccess;
  }
  return cudaErrorInvalidValue;
}

cudaError_t cudaSetDevice(int device) {
  return on_device([&](Device&) {
    if (device != 0) return cudaErrorInvalidDevice;
    emulation::is_current_here() = true;
    return cudaSuccess;
  });
}

cudaError_t emulated_function_attributes(cudaFuncAttributes* attributes, const void* /*kernel*/) {
  return on_device([&](Device&) {
    *attributes = {.sharedSizeBytes = emulation::kStaticSharedBytes,
                   .maxThreadsPerBlock = emulation::kKernelThreads};
    return cudaSuccess;
  });
}

cudaError_t emulated_set_function_attribute(const void* kernel, cudaFuncAttribute attribute,
                                            int value) {
  return on_device([&](Device& device) {
    if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) {  // in per cent; a wish
      return value >= -1 && value <= 100 ? cudaSuccess : cudaErrorInvalidValue;
    }
    const auto bytes = static_cast<std::size_t>(value);
    if (bytes + emulation::kStaticSharedBytes > emulation::kMostSharedBytes) {
      return device.refuse(cudaErrorInvalidValue, "more shared memory than there is");
    }
    device.shared_limit(kernel) = bytes;
    return cudaSuccess;
  });
}
