#pragma once

#include <cstdint>

namespace harpy {

/// A row-major product c = op(a) op(b) + beta * c + bias, op being the factor or its transpose, as
/// the libraries of products take it. Shapes: op(a) [rows, inner], op(b) [inner, columns], c [rows,
/// columns], bias [columns].
struct Product {
  const float* a = nullptr;
  const float* b = nullptr;
  float* c = nullptr;
  std::int64_t rows = 0, columns = 0, inner = 0;
  bool transpose_a = false, transpose_b = false;
  float beta = 0.0F;
  const float* bias = nullptr;  ///< null: none
  bool has_relu = false;        ///< whether negative values become zero at the end
  /// b in bfloat16 as the device lays it out (Backend::rounded_weight), or null.
  const std::uint16_t* rounded_b = nullptr;
};

}  // namespace harpy
