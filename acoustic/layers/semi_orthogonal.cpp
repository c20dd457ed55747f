#include "acoustic/layers/semi_orthogonal.hpp"

#include <algorithm>

namespace harpy {

void make_more_semi_orthogonal(Backend& backend, TensorView matrix) {
  const bool tall = matrix.rows() >= matrix.dim();
  const std::int64_t extent = std::min(matrix.rows(), matrix.dim());
  Tensor product = backend.empty({extent, extent});
  if (tall) {
    backend.multiply_in_float32(matrix, Transpose::kYes, matrix, Transpose::kNo, product,
                                Accumulate::kNo);
  } else {
    backend.multiply_in_float32(matrix, Transpose::kNo, matrix, Transpose::kYes, product,
                                Accumulate::kNo);
  }
  const double trace = backend.sum_of_squares(matrix);
  const double trace_of_square = backend.sum_of_squares(product);
  if (!(trace > 0.0)) return;  // a matrix of zeros has no direction to go
  const double scale = trace_of_square / trace;
  // 1 at the goal: the mean square of P's eigenvalues over their squared mean.
  const double spread = trace_of_square * static_cast<double>(extent) / (trace * trace);
  const double speed = spread > 1.1 ? 0.125 / 4 : spread > 1.02 ? 0.125 / 2 : 0.125;

  Tensor change = backend.empty(matrix.shape);
  if (tall) {
    backend.multiply_in_float32(matrix, Transpose::kNo, product, Transpose::kNo, change,
                                Accumulate::kNo);
  } else {
    backend.multiply_in_float32(product, Transpose::kNo, matrix, Transpose::kNo, change,
                                Accumulate::kNo);
  }
  backend.scale(static_cast<float>(1.0 + 4.0 * speed), matrix);
  backend.add_scaled(static_cast<float>(-4.0 * speed / scale), change, matrix);
}

}  // namespace harpy
