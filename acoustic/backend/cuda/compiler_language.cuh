#pragma once

#include <cstddef>

/// What can be said in the language of CUDA's compiler alone. (The emulation of the tests,
/// tests/support/cuda_emulation, has a file of its own in place of this one.)
namespace harpy::cuda {

/// The dynamic shared memory of the block, on a boundary of 16 bytes.
__device__ inline std::byte* dynamic_shared_memory() {
  extern __shared__ __align__(16) std::byte dynamic_shared[];
  return dynamic_shared;
}

/// Begins to fetch a line of global memory into the second cache.
__device__ inline void prefetch_line(const void* place) {
  asm volatile("prefetch.global.L2 [%0];" ::"l"(place));
}

/// Reads a value that other threads of the block write to at the same time.
template <typename T>
__device__ constexpr T load_relaxed(const T& place) {
  return __nv_atomic_load_n(const_cast<T*>(&place), __NV_ATOMIC_RELAXED, __NV_THREAD_SCOPE_BLOCK);
}

/// Writes a value that other threads of the block read or write at the same time.
template <typename T>
__device__ constexpr void store_relaxed(T& place, T value) {
  __nv_atomic_store_n(&place, value, __NV_ATOMIC_RELAXED, __NV_THREAD_SCOPE_BLOCK);
}

}  // namespace harpy::cuda
