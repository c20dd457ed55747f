#include "acoustic/backend/cpu/row_kernels.hpp"

#include <algorithm>
#include <cmath>

#include "acoustic/backend/cpu/lanes.hpp"
#include "acoustic/backend/rms_factor.hpp"

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

[[gnu::target_clones("avx512f", "avx2", "default")]] void scale_shift_and_add(
    const BypassedScaling& scaling, const float* __restrict bypass, float* __restrict y,
    std::int64_t rows, std::int64_t dim) {
  const float* const __restrict factor = scaling.factor;
  const float* const __restrict offset = scaling.offset;
  for (std::int64_t r = 0; r < rows; ++r, bypass += dim, y += dim) {
    for (std::int64_t d = 0; d < dim; ++d) {
      y[d] = (y[d] * factor[d] + offset[d]) + scaling.bypass_scale * bypass[d];
    }
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

void combine_moments(const PieceMoments& pieces, float* mean, float* variance) {
  const std::int64_t dim = pieces.dim;
  const std::int64_t piece_count = (pieces.rows + pieces.piece_rows - 1) / pieces.piece_rows;
  const auto rows_of = [&](std::int64_t p) {
    return std::min(pieces.piece_rows, pieces.rows - p * pieces.piece_rows);
  };
  const auto row_count = static_cast<double>(pieces.rows);
  for (std::int64_t d = 0; d < dim; ++d) {
    const auto sum_of = [&](std::int64_t p) {
      return static_cast<double>(rows_of(p)) * pieces.x[p * pieces.piece_rows * dim + d] +
             pieces.moments[p * 2 * dim + d];
    };
    double sum = 0.0;
    for (std::int64_t p = 0; p < piece_count; ++p) sum += sum_of(p);
    const double mean_of_all = sum / row_count;
    // Deviations from a piece's mean, moved to the mean of all (Chan, Golub and LeVeque, 1979).
    double deviations = 0.0;
    for (std::int64_t p = 0; p < piece_count; ++p) {
      const auto rows = static_cast<double>(rows_of(p));
      const double shift = sum_of(p) / rows - mean_of_all;
      deviations += pieces.moments[(p * 2 + 1) * dim + d] + rows * shift * shift;
    }
    mean[d] = static_cast<float>(mean_of_all);
    variance[d] = static_cast<float>(deviations / row_count);
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

// dx = gamma / deviation * (dy - mean of dy - normalised x * mean of (dy * normalised x)), where
// the means are zero if mean and variance are constants.
void normalization_coefficients(const Normalization& normalization, ConstTensorView pieces,
                                std::int64_t row_count,
                                const Backend::NormalizationGradient& gradient,
                                TensorView coefficients) {
  const std::int64_t dim = coefficients.dim();
  const auto count = static_cast<double>(row_count);
  for (std::int64_t d = 0; d < dim; ++d) {
    double sum = 0.0;
    double product = 0.0;
    for (std::int64_t p = 0; p < pieces.rows(); ++p) {
      sum += pieces.data[p * 2 * dim + d];
      product += pieces.data[(p * 2 + 1) * dim + d];
    }
    const double inverse_deviation =
        1.0 / std::sqrt(double{normalization.variance.data[d]} + normalization.epsilon);
    const double gamma_gradient = product * inverse_deviation;
    const double factor = normalization.gamma.data[d] * inverse_deviation;
    const double slope =
        normalization.of_rows ? -factor * gamma_gradient * inverse_deviation / count : 0.0;
    gradient.gamma_gradient.data[d] += static_cast<float>(gamma_gradient);
    gradient.beta_gradient.data[d] += static_cast<float>(sum);
    coefficients.data[d] = static_cast<float>(factor);
    coefficients.data[dim + d] = static_cast<float>(slope);
    const double of_sum = normalization.of_rows ? -factor * sum / count : 0.0;
    coefficients.data[2 * dim + d] =
        static_cast<float>(of_sum - slope * normalization.mean.data[d]);
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

[[gnu::target_clones("avx512f", "avx2", "default")]] void rms_normalize(float target_rms,
                                                                        const float* __restrict x,
                                                                        float* __restrict y,
                                                                        std::int64_t rows,
                                                                        std::int64_t dim) {
  for (std::int64_t r = 0; r < rows; ++r, x += dim, y += dim) {
    for (std::int64_t d = 0; d < dim; ++d) y[d] = x[d] * x[d];
    const float factor = rms_factor(target_rms, reduce(y, dim, 0.0F, Add{}, Add{}), dim);
    for (std::int64_t d = 0; d < dim; ++d) y[d] = x[d] * factor;
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void rms_normalize_backward(
    float target_rms, const float* __restrict x, const float* __restrict dy, float* __restrict dx,
    std::int64_t rows, std::int64_t dim) {
  for (std::int64_t r = 0; r < rows; ++r, x += dim, dy += dim, dx += dim) {
    for (std::int64_t d = 0; d < dim; ++d) dx[d] = x[d] * x[d];
    const float squares = reduce(dx, dim, 0.0F, Add{}, Add{});
    for (std::int64_t d = 0; d < dim; ++d) dx[d] = x[d] * dy[d];
    const float products = reduce(dx, dim, 0.0F, Add{}, Add{});
    const float factor = rms_factor(target_rms, squares, dim);
    const float slope = rms_slope(squares, products, dim);
    for (std::int64_t d = 0; d < dim; ++d) dx[d] = factor * (dy[d] - slope * x[d]);
  }
}

void select_columns(ConstTensorView x, const std::int32_t* columns, float* y, std::int64_t dim) {
  for (std::int64_t r = 0; r < x.rows(); ++r) {
    const float* const row = x.row(r);
    for (std::int64_t d = 0; d < dim; ++d) y[r * dim + d] = row[columns[d]];
  }
}

double negative_log_likelihood(ConstTensorView y, const std::int32_t* classes, float* dy) {
  double total = 0.0;
  for (std::int64_t r = 0; r < y.rows(); ++r) {
    if (classes[r] < 0) continue;
    total -= y.row(r)[classes[r]];
    dy[r * y.dim() + classes[r]] = -1.0F;
  }
  return total;
}

}  // namespace harpy::cpu
