#include "acoustic/backend/cpu/row_kernels.hpp"

#include <cmath>

#include "acoustic/backend/cpu/lanes.hpp"

namespace harpy::cpu {
[[gnu::target_clones("avx512f", "avx2", "default")]] void add_bias(const float* __restrict bias,
                                                                   float* __restrict x,
                                                                   std::int64_t rows,
                                                                   std::int64_t dim) {
  for (std::int64_t r = 0; r < rows; ++r, x += dim) {
    for (std::int64_t d = 0; d < dim; ++d) x[d] += bias[d];
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void scale_and_shift(
    const float* __restrict x, const float* __restrict factor, const float* __restrict offset,
    float* __restrict y, std::int64_t rows, std::int64_t dim) {
  for (std::int64_t r = 0; r < rows; ++r, x += dim, y += dim) {
    for (std::int64_t d = 0; d < dim; ++d) y[d] = x[d] * factor[d] + offset[d];
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void column_sums(const float* __restrict x,
                                                                      std::int64_t rows,
                                                                      std::int64_t dim,
                                                                      float* __restrict sums) {
  for (std::int64_t d = 0; d < dim; ++d) sums[d] = 0.0F;
  for (std::int64_t r = 0; r < rows; ++r, x += dim) {
    for (std::int64_t d = 0; d < dim; ++d) sums[d] += x[d];
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void column_moments(
    const float* __restrict x, std::int64_t rows, std::int64_t dim, float* __restrict sums,
    float* __restrict deviations) {
  for (std::int64_t d = 0; d < dim; ++d) sums[d] = deviations[d] = 0.0F;
  for (std::int64_t r = 1; r < rows; ++r) {
    for (std::int64_t d = 0; d < dim; ++d) sums[d] += x[r * dim + d] - x[d];
  }
  const float scale = 1.0F / static_cast<float>(rows);
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t d = 0; d < dim; ++d) {
      const float deviation = (x[r * dim + d] - x[d]) - sums[d] * scale;
      deviations[d] += deviation * deviation;
    }
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void normalization_sums(
    const float* __restrict x, const float* __restrict dy, const float* __restrict mean,
    std::int64_t rows, std::int64_t dim, float* __restrict sums, float* __restrict products) {
  for (std::int64_t d = 0; d < dim; ++d) sums[d] = products[d] = 0.0F;
  for (std::int64_t r = 0; r < rows; ++r, x += dim, dy += dim) {
    for (std::int64_t d = 0; d < dim; ++d) {
      sums[d] += dy[d];
      products[d] += dy[d] * (x[d] - mean[d]);
    }
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void normalization_apply(
    const float* __restrict x, const float* __restrict dy, const NormalizationCoefficients& factors,
    float* __restrict dx, std::int64_t rows, std::int64_t dim) {
  const float* __restrict of_dy = factors.of_dy;
  const float* __restrict of_x = factors.of_x;
  const float* __restrict constant = factors.constant;
  for (std::int64_t r = 0; r < rows; ++r, x += dim, dy += dim, dx += dim) {
    for (std::int64_t d = 0; d < dim; ++d) {
      dx[d] = of_dy[d] * dy[d] + of_x[d] * x[d] + constant[d];
    }
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void log_softmax(const float* __restrict x,
                                                                      float* __restrict y,
                                                                      std::int64_t rows,
                                                                      std::int64_t dim) {
  for (std::int64_t r = 0; r < rows; ++r, x += dim, y += dim) {
    const float largest = reduce(x, dim, x[0], TakeLarger{}, TakeLarger{});
    for (std::int64_t d = 0; d < dim; ++d) y[d] = exp_bounded(x[d] - largest);
    const float shift = largest + std::log(reduce(y, dim, 0.0F, Add{}, Add{}));
    for (std::int64_t d = 0; d < dim; ++d) y[d] = x[d] - shift;
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void log_softmax_backward(
    const float* __restrict y, const float* __restrict dy, float* __restrict dx, std::int64_t rows,
    std::int64_t dim) {
  for (std::int64_t r = 0; r < rows; ++r, y += dim, dy += dim, dx += dim) {
    const float sum = reduce(dy, dim, 0.0F, Add{}, Add{});
    for (std::int64_t d = 0; d < dim; ++d) dx[d] = dy[d] - exp_bounded(y[d]) * sum;
  }
}

}  // namespace harpy::cpu
