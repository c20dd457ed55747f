#pragma once

#include <cstdint>

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

}  // namespace harpy
