#include "acoustic/backend/cuda/block_sum.cuh"
#include "acoustic/backend/cuda/launch.cuh"
#include "acoustic/backend/cuda/statistics_kernels.hpp"

namespace harpy::cuda {
namespace {

constexpr std::int64_t kPieceRows = 64;
constexpr std::int64_t kPieceValues = 16384;

std::int64_t piece_count(std::int64_t count, std::int64_t piece) {
  return (count + piece - 1) / piece;
}

/// The rows of a piece.
struct Piece {
  std::int64_t begin, rows;
  __device__ Piece(std::int64_t index, std::int64_t all_rows)
      : begin(index * kPieceRows),
        rows(all_rows - begin < kPieceRows ? all_rows - begin : kPieceRows) {}
};

/// sums[p, d] = sum of x[r, d] over the rows r of piece p.
struct PieceSums {
  const float* x;
  float* sums;
  std::int64_t rows, dim;
  __device__ void operator()(std::uint32_t p, std::uint32_t d) const {
    const Piece piece(p, rows);
    float sum = 0.0F;
    for (std::int64_t r = 0; r < piece.rows; ++r) sum += x[(piece.begin + r) * dim + d];
    sums[p * dim + d] = sum;
  }
};

/// Writes for each piece: [0] the sum of x less the piece's first row, [1] the sum of squared
/// deviations from the piece's mean.
struct PieceMoments {
  const float* x;
  float* moments;
  std::int64_t rows, dim;
  __device__ void operator()(std::uint32_t p, std::uint32_t d) const {
    const Piece piece(p, rows);
    const float* column = x + piece.begin * dim + d;
    const float first = column[0];
    float sum = 0.0F;
    for (std::int64_t r = 1; r < piece.rows; ++r) sum += column[r * dim] - first;
    const float mean = sum / static_cast<float>(piece.rows);
    float deviations = 0.0F;
    for (std::int64_t r = 0; r < piece.rows; ++r) {
      const float deviation = (column[r * dim] - first) - mean;
      deviations += deviation * deviation;
    }
    moments[2 * p * dim + d] = sum;
    moments[(2 * p + 1) * dim + d] = deviations;
  }
};

/// Writes for each piece: [0] the sum of dy, [1] the sum of dy * (x - mean).
struct PieceProducts {
  const float *x, *dy, *mean;
  float* sums;
  std::int64_t rows, dim;
  __device__ void operator()(std::uint32_t p, std::uint32_t d) const {
    const Piece piece(p, rows);
    float sum = 0.0F, product = 0.0F;
    for (std::int64_t r = 0; r < piece.rows; ++r) {
      const std::int64_t i = (piece.begin + r) * dim + d;
      sum += dy[i];
      product += dy[i] * (x[i] - mean[d]);
    }
    sums[2 * p * dim + d] = sum;
    sums[(2 * p + 1) * dim + d] = product;
  }
};

/// Each block adds up the pieces of one column.
__global__ void __launch_bounds__(kSumThreads)
    add_pieces(const float* pieces, std::int64_t count, std::int64_t dim, bool accumulate,
               float* sums) {
  const std::int64_t d = blockIdx.x;
  const double sum = block_sum(count, [=](std::int64_t p) { return pieces[p * dim + d]; });
  if (threadIdx.x == 0) sums[d] = static_cast<float>(accumulate ? sums[d] + sum : sum);
}

/// Each block finds mean and variance of one column. The deviations of the pieces are moved to the
/// mean of all rows (Chan, Golub and LeVeque, 1979).
__global__ void __launch_bounds__(kSumThreads)
    combine_moments(const float* x, const float* moments, std::int64_t rows, std::int64_t dim,
                    float* mean, float* variance) {
  const std::int64_t d = blockIdx.x;
  const std::int64_t count = (rows + kPieceRows - 1) / kPieceRows;
  const auto sum_of = [=](std::int64_t p) {
    const Piece piece(p, rows);
    return static_cast<double>(piece.rows) * x[piece.begin * dim + d] + moments[2 * p * dim + d];
  };
  const double mean_of_all = block_sum(count, sum_of) / static_cast<double>(rows);
  const double deviations = block_sum(count, [=](std::int64_t p) {
    const auto piece_rows = static_cast<double>(Piece(p, rows).rows);
    const double shift = sum_of(p) / piece_rows - mean_of_all;
    return moments[(2 * p + 1) * dim + d] + piece_rows * shift * shift;
  });
  if (threadIdx.x == 0) {
    mean[d] = static_cast<float>(mean_of_all);
    variance[d] = static_cast<float>(deviations / static_cast<double>(rows));
  }
}

struct NormalizationArrays {
  const float *mean, *variance, *gamma, *beta;
  float epsilon;
  bool of_rows;

  explicit NormalizationArrays(const Normalization& n)
      : mean(n.mean.data),
        variance(n.variance.data),
        gamma(n.gamma.data),
        beta(n.beta.data),
        epsilon(n.epsilon),
        of_rows(n.of_rows) {}
};

struct NormalizationFactors {
  NormalizationArrays n;
  float *factor, *offset;
  __device__ void operator()(std::int64_t d) const {
    factor[d] = n.gamma[d] / sqrtf(n.variance[d] + n.epsilon);
    offset[d] = n.beta[d] - n.mean[d] * factor[d];
  }
};

/// Each block does one column: it adds to the gradients of gamma and beta, and finds the
/// coefficients of dx = of_dy * dy + of_x * x + constant, which is gamma / deviation * (dy - mean
/// of dy - normalised x * mean of (dy * normalised x)), where the means are zero if mean and
/// variance are constants. coefficients [3, dim]: of_dy, of_x,
/// constant.
__global__ void __launch_bounds__(kSumThreads)
    combine_products(NormalizationArrays n, const float* sums, std::int64_t rows, std::int64_t dim,
                     float* gamma_gradient, float* beta_gradient, float* coefficients) {
  const std::int64_t d = blockIdx.x;
  const std::int64_t count = (rows + kPieceRows - 1) / kPieceRows;
  const double sum = block_sum(count, [=](std::int64_t p) { return sums[2 * p * dim + d]; });
  const double product =
      block_sum(count, [=](std::int64_t p) { return sums[(2 * p + 1) * dim + d]; });
  if (threadIdx.x != 0) return;
  const auto row_count = static_cast<double>(rows);
  const double inverse_deviation = 1.0 / sqrt(static_cast<double>(n.variance[d]) + n.epsilon);
  const double gradient = product * inverse_deviation;
  const double factor = n.gamma[d] * inverse_deviation;
  const double slope = n.of_rows ? -factor * gradient * inverse_deviation / row_count : 0.0;
  const double of_sum = n.of_rows ? -factor * sum / row_count : 0.0;
  gamma_gradient[d] += static_cast<float>(gradient);
  beta_gradient[d] += static_cast<float>(sum);
  coefficients[d] = static_cast<float>(factor);
  coefficients[dim + d] = static_cast<float>(slope);
  coefficients[2 * dim + d] = static_cast<float>(of_sum - slope * n.mean[d]);
}

struct NormalizationApply {
  const float *x, *dy, *coefficients;
  float* dx;
  std::int64_t dim;
  __device__ void operator()(std::uint32_t r, std::uint32_t d) const {
    const std::int64_t i = r * dim + d;
    dx[i] = coefficients[d] * dy[i] + coefficients[dim + d] * x[i] + coefficients[2 * dim + d];
  }
};

/// Each block adds up the squares of one piece of the values.
__global__ void __launch_bounds__(kSumThreads)
    square_pieces(const float* x, std::int64_t count, double* sums) {
  const std::int64_t begin = blockIdx.x * kPieceValues;
  const std::int64_t rest = count - begin;
  const double sum = block_sum(rest < kPieceValues ? rest : kPieceValues, [=](std::int64_t i) {
    const double value = x[begin + i];
    return value * value;
  });
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

/// Launched as one block: adds up the sums of all pieces.
__global__ void __launch_bounds__(kSumThreads)
    add_all(const double* sums, std::int64_t count, double* total) {
  const double sum = block_sum(count, [=](std::int64_t i) { return sums[i]; });
  if (threadIdx.x == 0) *total = sum;
}

}  // namespace

void sum_rows(const Workplace& place, ConstTensorView x, TensorView sums, Accumulate accumulate) {
  if (x.dim() == 0) return;
  const std::int64_t pieces = piece_count(x.rows(), kPieceRows);
  Tensor piece_sums(place.memory, {pieces, x.dim()});
  for_each_cell(place.stream, pieces, x.dim(),
                PieceSums{x.data, piece_sums.data(), x.rows(), x.dim()});
  launch(place.stream, {static_cast<unsigned>(x.dim()), kSumThreads}, add_pieces, piece_sums.data(),
         pieces, x.dim(), accumulate == Accumulate::kYes, sums.data);
}

void row_statistics(const Workplace& place, ConstTensorView x, TensorView mean,
                    TensorView variance) {
  const std::int64_t pieces = piece_count(x.rows(), kPieceRows);
  Tensor moments(place.memory, {pieces, 2, x.dim()});
  for_each_cell(place.stream, pieces, x.dim(),
                PieceMoments{x.data, moments.data(), x.rows(), x.dim()});
  launch(place.stream, {static_cast<unsigned>(x.dim()), kSumThreads}, combine_moments, x.data,
         moments.data(), x.rows(), x.dim(), mean.data, variance.data);
}

void normalization_factors(cudaStream_t stream, const Normalization& normalization,
                           TensorView factor, TensorView offset) {
  for_each_value(
      stream, factor.size(),
      NormalizationFactors{NormalizationArrays(normalization), factor.data, offset.data});
}

void normalization_backward(const Workplace& place, const Normalization& normalization,
                            ConstTensorView x, ConstTensorView dy,
                            const Backend::NormalizationGradient& gradient) {
  const std::int64_t rows = x.rows(), dim = x.dim();
  const std::int64_t pieces = piece_count(rows, kPieceRows);
  Tensor sums(place.memory, {pieces, 2, dim});
  Tensor coefficients(place.memory, {3, dim});
  for_each_cell(place.stream, pieces, dim,
                PieceProducts{x.data, dy.data, normalization.mean.data, sums.data(), rows, dim});
  launch(place.stream, {static_cast<unsigned>(dim), kSumThreads}, combine_products,
         NormalizationArrays(normalization), sums.data(), rows, dim, gradient.gamma_gradient.data,
         gradient.beta_gradient.data, coefficients.data());
  for_each_cell(place.stream, rows, dim,
                NormalizationApply{x.data, dy.data, coefficients.data(), gradient.dx.data, dim});
}

void sum_of_squares(const Workplace& place, std::span<const ConstTensorView> arrays,
                    double* total) {
  std::int64_t all_pieces = 0;
  for (const ConstTensorView x : arrays) all_pieces += piece_count(x.size(), kPieceValues);
  DeviceBuffer<double> sums(place.memory, static_cast<std::size_t>(all_pieces));
  double* next = sums.data();
  for (const ConstTensorView x : arrays) {
    const std::int64_t pieces = piece_count(x.size(), kPieceValues);
    if (pieces == 0) continue;
    launch(place.stream, {static_cast<unsigned>(pieces), kSumThreads}, square_pieces, x.data,
           x.size(), next);
    next += pieces;
  }
  launch(place.stream, {1, kSumThreads}, add_all, sums.data(), all_pieces, total);
}

}  // namespace harpy::cuda
