#include "acoustic/backend/bfloat16.hpp"
#include "acoustic/backend/cuda/bfloat16_kernels.hpp"
#include "acoustic/backend/cuda/launch.cuh"

namespace harpy::cuda {
namespace {

/// Each thread rounds two neighbouring values and writes both at once.
struct RoundPair {
  const float* x;
  std::int64_t rows, dim;  ///< of x
  std::uint32_t* y;        ///< pairs, the first value in the lower half
  std::int64_t row_pairs;  ///< of y
  __device__ void operator()(std::uint32_t r, std::uint32_t pair) const {
    const std::int64_t first = std::int64_t{pair} * 2;
    y[r * row_pairs + pair] = bits_at(r, first) | bits_at(r, first + 1) << 16;
  }
  __device__ std::uint32_t bits_at(std::int64_t r, std::int64_t d) const {
    return r < rows && d < dim ? to_bfloat16(x[r * dim + d]) : 0U;
  }
};

}  // namespace

void round_to_bfloat16(cudaStream_t stream, ConstTensorView x, const Bfloat16Matrix& y) {
  const std::int64_t row_pairs = y.dim / 2;
  for_each_cell(
      stream, y.rows, row_pairs,
      RoundPair{x.data, x.rows(), x.dim(), reinterpret_cast<std::uint32_t*>(y.data), row_pairs});
}

}  // namespace harpy::cuda
