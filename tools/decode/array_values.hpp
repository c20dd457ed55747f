#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "service/recognizer/score_matrix.hpp"

namespace harpy::tools {

/// The numbers that score files hold: IEEE 754 in 2, 4 and 8 bytes, and the upper half of a float.
enum class ArrayType { kFloat16, kBfloat16, kFloat32, kFloat64 };

/// How an array lies in a file.
struct ArrayLayout {
  ArrayType type = ArrayType::kFloat32;
  bool is_big_endian = false;
  bool is_column_major = false;  ///< the first axis is the contiguous one (Fortran's order)
  std::vector<std::uint64_t> shape;
};

/// "[3, 42]".
std::string shape_text(std::span<const std::uint64_t> shape);

/// Bytes that the values take. Errors: std::invalid_argument if no file can hold so many.
std::uint64_t values_bytes(const ArrayLayout& layout);

/// An array [frames, tokens], or [1, frames, tokens], as a matrix. Each value becomes the nearest
/// float. Errors: std::invalid_argument for other shapes, or another number of bytes.
ScoreMatrix read_array(const ArrayLayout& layout, std::span<const std::byte> values);

}  // namespace harpy::tools
