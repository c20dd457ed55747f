#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "acoustic/backend/cuda/check.hpp"
#include "acoustic/backend/cuda/kernel_launch.cuh"

/// Launches of kernels whose threads work independently of each other: `work` is a functor that is
/// copied to the device.
namespace harpy::cuda {

inline constexpr unsigned kBlockThreads = 256;
/// The most blocks of a launch, enough to fill any device. Where there is more work, threads go on
/// to further items.
inline constexpr std::int64_t kMostBlocks = 16384;

template <typename Work>
__global__ void __launch_bounds__(kBlockThreads) each_value(std::int64_t count, Work work) {
  const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
  for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step) {
    work(i);
  }
}

/// Calls work(i) for i = 0 .. count - 1, in any order and at once: each i must write only values of
/// its own.
template <typename Work>
void for_each_value(const LaunchPlace& place, std::int64_t count, const Work& work) {
  if (count == 0) return;
  const std::int64_t blocks = (count + kBlockThreads - 1) / kBlockThreads;
  launch(place, {static_cast<unsigned>(std::min(blocks, kMostBlocks)), kBlockThreads},
         each_value<Work>, count, work);
}

template <typename Work>
__global__ void __launch_bounds__(kBlockThreads)
    each_cell(std::uint32_t rows, std::uint32_t dim, Work work) {
  for (std::uint32_t r = blockIdx.x * blockDim.y + threadIdx.y; r < rows;
       r += gridDim.x * blockDim.y) {
    for (std::uint32_t d = blockIdx.y * blockDim.x + threadIdx.x; d < dim;
         d += gridDim.y * blockDim.x) {
      work(r, d);
    }
  }
}

/// Calls work(r, d) for the cells of a matrix [rows, dim], neighbouring threads having neighbouring
/// columns. Errors: DeviceError for more than 2^31 - 1 rows or columns.
template <typename Work>
void for_each_cell(const LaunchPlace& place, std::int64_t rows, std::int64_t dim,
                   const Work& work) {
  if (rows == 0 || dim == 0) return;
  constexpr std::int64_t kMostRows = std::numeric_limits<std::int32_t>::max();
  if (rows > kMostRows || dim > kMostRows)
    throw error_at(DeviceErrorKind::kOther, "a matrix is too large");
  dim3 block(32);
  while (block.x < kBlockThreads && block.x < dim) block.x *= 2;
  block.y = kBlockThreads / block.x;
  const std::int64_t row_blocks = (rows + block.y - 1) / block.y;
  const std::int64_t column_blocks = (dim + block.x - 1) / block.x;
  const dim3 grid(static_cast<unsigned>(std::min(row_blocks, kMostBlocks)),
                  static_cast<unsigned>(std::min<std::int64_t>(column_blocks, 64)));
  launch(place, {grid, block}, each_cell<Work>, static_cast<std::uint32_t>(rows),
         static_cast<std::uint32_t>(dim), work);
}

}  // namespace harpy::cuda
