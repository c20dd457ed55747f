#pragma once

#include <cstdint>

#include "acoustic/backend/backend.hpp"

namespace harpy {

/// A row-major product c = op(a) op(b) + beta * c, op being the factor or its transpose, as the
/// libraries of products take it. Shapes: op(a) [rows, inner], op(b) [inner, columns], c [rows,
/// columns].
struct Product {
  const float* a = nullptr;
  const float* b = nullptr;
  float* c = nullptr;
  std::int64_t rows = 0, columns = 0, inner = 0;
  bool transpose_a = false, transpose_b = false;
  float beta = 0.0F;
};

/// The product that Backend::multiply was asked for.
inline Product make_product(ConstTensorView a, Transpose transpose_a, ConstTensorView b,
                            Transpose transpose_b, TensorView c, Accumulate accumulate) {
  const bool turn_a = transpose_a == Transpose::kYes;
  const bool turn_b = transpose_b == Transpose::kYes;
  return {.a = a.data,
          .b = b.data,
          .c = c.data,
          .rows = turn_a ? a.dim() : a.rows(),
          .columns = turn_b ? b.rows() : b.dim(),
          .inner = turn_a ? a.rows() : a.dim(),
          .transpose_a = turn_a,
          .transpose_b = turn_b,
          .beta = accumulate == Accumulate::kYes ? 1.0F : 0.0F};
}

}  // namespace harpy
