#pragma once

#include <cstddef>

#include "tests/support/cuda_emulation/block.hpp"

/// Stands in place of the project's file of this name, see there.
namespace harpy::cuda {

inline std::byte* dynamic_shared_memory() { return cuda_emulation::dynamic_shared_memory(); }

inline void prefetch_line(const void* place) { __builtin_prefetch(place); }

}  // namespace harpy::cuda
