#pragma once

#include <cstddef>

#include "tests/support/cuda_emulation/block.hpp"

/// Stands in place of the project's file of this name, see there.
namespace harpy::cuda {

inline std::byte* dynamic_shared_memory() { return cuda_emulation::dynamic_shared_memory(); }

inline void prefetch_line(const void* place) { __builtin_prefetch(place); }

template <typename T>
constexpr T load_relaxed(const T& place) {
  return __atomic_load_n(&place, __ATOMIC_RELAXED);
}

template <typename T>
constexpr void store_relaxed(T& place, T value) {
  __atomic_store_n(&place, value, __ATOMIC_RELAXED);
}

}  // namespace harpy::cuda
