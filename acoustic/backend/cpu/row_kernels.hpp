#pragma once

#include <cstdint>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/bypassed_scaling.hpp"

/// Loops over `rows` rows of `dim` values, compiled for several instruction sets and chosen when
/// the program starts.
namespace harpy::cpu {

void add_bias(const float* bias, float* x, std::int64_t rows, std::int64_t dim);
void scale_and_shift(const float* x, const float* factor, const float* offset, float* y,
                     std::int64_t rows, std::int64_t dim);

/// y[r, d] = y[r, d] * factor[d] + offset[d] + bypass_scale * bypass[r, d].
void scale_shift_and_add(const BypassedScaling& scaling, const float* bypass, float* y,
                         std::int64_t rows, std::int64_t dim);

/// sums[d] = sum over rows of x[r, d], in float: for pieces of some dozen rows.
void column_sums(const float* x, std::int64_t rows, std::int64_t dim, float* sums);
/// sums[d] = sum over rows of x[r, d] - x[0, d] (precise far from zero), deviations[d] = sum over
/// rows of the squared distance from their mean, in float.
void column_moments(const float* x, std::int64_t rows, std::int64_t dim, float* sums,
                    float* deviations);
/// The mean and the biased variance of the columns of all rows, from the moments that
/// column_moments gives for pieces of `piece_rows` rows.
struct PieceMoments {
  const float* moments;  ///< [pieces, 2, dim]: sums, deviations
  const float* x;        ///< [rows, dim]
  std::int64_t rows, dim, piece_rows;
};
void combine_moments(const PieceMoments& pieces, float* mean, float* variance);
/// sums[d] = sum over rows of dy, products[d] = sum over rows of dy * (x - mean[d]), in float.
void normalization_sums(const float* x, const float* dy, const float* mean, std::int64_t rows,
                        std::int64_t dim, float* sums, float* products);
/// From the sums of normalization_sums over pieces of the rows, [pieces, 2 * D]: adds to the
/// gradients of gamma and beta, and writes of_dy, of_x and constant of normalization_apply, [3, D].
void normalization_coefficients(const Normalization& normalization, ConstTensorView pieces,
                                std::int64_t row_count,
                                const Backend::NormalizationGradient& gradient,
                                TensorView coefficients);
/// dx[r, d] = of_dy[d] * dy[r, d] + of_x[d] * x[r, d] + constant[d].
struct NormalizationCoefficients {
  const float *of_dy, *of_x, *constant;
};
void normalization_apply(const float* x, const float* dy, const NormalizationCoefficients& factors,
                         float* dx, std::int64_t rows, std::int64_t dim);

void log_softmax(const float* x, float* y, std::int64_t rows, std::int64_t dim);
void log_softmax_backward(const float* y, const float* dy, float* dx, std::int64_t rows,
                          std::int64_t dim);

void rms_normalize(float target_rms, const float* x, float* y, std::int64_t rows, std::int64_t dim);
void rms_normalize_backward(float target_rms, const float* x, const float* dy, float* dx,
                            std::int64_t rows, std::int64_t dim);

/// y[r, d] = x[r, columns[d]], d = 0 .. dim - 1.
void select_columns(ConstTensorView x, const std::int32_t* columns, float* y, std::int64_t dim);

/// Returns - sum over rows of y[r, classes[r]] and writes -1 to dy at those values; rows of class
/// -1 take no part.
double negative_log_likelihood(ConstTensorView y, const std::int32_t* classes, float* dy);

}  // namespace harpy::cpu
