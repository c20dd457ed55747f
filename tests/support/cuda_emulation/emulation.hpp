#pragma once

#include <cuda_runtime_api.h>

#include <string>

/// What tests ask of the emulated device beside its work.
namespace harpy::cuda_emulation {

/// The emulated device has so much memory.
inline constexpr std::size_t kMemoryBytes = std::size_t{8} << 30;

/// Lets the allocation of device memory after `count` further ones fail, once.
void fail_allocation_after(int count);

/// The device memory that is not freed yet, by the steps carried out so far.
std::size_t allocated_bytes();

/// From now on every call fails with this error, as when a kernel has broken the device.
void break_device(cudaError_t error);

/// The device works again, as in a new process.
void mend_device();

/// From now on kernels and products do nothing, so that what takes time is the host's side.
void skip_kernels();

/// Processor seconds that the steps of streams have taken so far.
double steps_cpu_s();

/// What was found wrong last with the use of the device, in words, or nothing; asking clears it.
std::string take_fault();

}  // namespace harpy::cuda_emulation
