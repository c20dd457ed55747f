#pragma once

// The part of the language of CUDA's kernels that Harpy uses, for a C++ compiler.

#include <math.h>

#include <source_location>
#include <tuple>
#include <type_traits>

#include "cuda_runtime_api.h"
#include "tests/support/cuda_emulation/block.hpp"
#include "tests/support/cuda_emulation/launch.hpp"

#define __CUDA_ARCH_LIST__ 900
#define __device__
#define __global__
#define __launch_bounds__(...)
#define __align__(boundary) __attribute__((aligned(boundary)))
// One block runs at a time.
#define __shared__ static

#define threadIdx (::harpy::cuda_emulation::thread_index())
extern uint3 blockIdx;
extern dim3 blockDim, gridDim;

inline void __syncthreads(const std::source_location& where = std::source_location::current()) {
  ::harpy::cuda_emulation::wait_for_block(where);
}

template <typename T>
T __shfl_xor_sync(unsigned lanes, T value, unsigned lane_bits,
                  const std::source_location& where = std::source_location::current()) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  __builtin_memcpy(&bits, &value, sizeof(T));
  bits = ::harpy::cuda_emulation::exchange_in_warp(lanes, bits, lane_bits, where);
  __builtin_memcpy(&value, &bits, sizeof(T));
  return value;
}

template <typename T>
T atomicAdd(T* place, T value) {
  return __atomic_fetch_add(place, value, __ATOMIC_RELAXED);
}
template <typename T>
T atomicExch(T* place, T value) {
  return __atomic_exchange_n(place, value, __ATOMIC_RELAXED);
}
template <typename T>
T atomicCAS(T* place, T expected, T desired) {
  __atomic_compare_exchange_n(place, &expected, desired, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return expected;
}
template <typename T>
T atomicMin(T* place, T value) {
  T old = __atomic_load_n(place, __ATOMIC_RELAXED);
  while (value < old && !__atomic_compare_exchange_n(place, &old, value, false, __ATOMIC_RELAXED,
                                                     __ATOMIC_RELAXED)) {
  }
  return old;
}

template <typename... Parameters, typename... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
  return ::harpy::cuda_emulation::launch(
      *config, reinterpret_cast<const void*>(kernel),
      [kernel, copies = std::tuple<std::decay_t<Parameters>...>(
                   std::forward<Arguments>(arguments)...)] { std::apply(kernel, copies); });
}

cudaError_t emulated_function_attributes(cudaFuncAttributes* attributes, const void* kernel);
cudaError_t emulated_set_function_attribute(const void* kernel, cudaFuncAttribute attribute,
                                            int value);
template <typename... Parameters>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, void (*kernel)(Parameters...)) {
  return emulated_function_attributes(attributes, reinterpret_cast<const void*>(kernel));
}
template <typename... Parameters>
cudaError_t cudaFuncSetAttribute(void (*kernel)(Parameters...), cudaFuncAttribute attribute,
                                 int value) {
  return emulated_set_function_attribute(reinterpret_cast<const void*>(kernel), attribute, value);
}
