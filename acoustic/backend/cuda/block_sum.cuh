#pragma once

#include <cstdint>

namespace harpy::cuda {

/// Threads of a block that sums.
inline constexpr unsigned kSumThreads = 128;

/// The sum of term(i), i = 0 .. count - 1, over the kSumThreads threads of a block, known to all of
/// them: each adds every kSumThreads-th term, then halves of the block are added, always in the
/// same order. All threads must call it.
template <typename Term>
__device__ double block_sum(std::int64_t count, const Term& term) {
  __shared__ double sums[kSumThreads];
  double sum = 0.0;
  for (std::int64_t i = threadIdx.x; i < count; i += kSumThreads) sum += term(i);
  sums[threadIdx.x] = sum;
  __syncthreads();
  for (unsigned width = kSumThreads / 2; width > 0; width /= 2) {
    if (threadIdx.x < width) sums[threadIdx.x] += sums[threadIdx.x + width];
    __syncthreads();
  }
  const double total = sums[0];
  __syncthreads();  // before the next call writes
  return total;
}

}  // namespace harpy::cuda
