#include "tools/decode/array_values.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "acoustic/backend/bfloat16.hpp"
#include "models/files/float16.hpp"

namespace harpy::tools {

namespace {

/// More values than any memory holds, so that no product of extents overflows.
constexpr std::uint64_t kMostValues = std::uint64_t{1} << 40U;

std::uint64_t size_of(ArrayType type) {
  if (type == ArrayType::kFloat64) return 8;
  return type == ArrayType::kFloat32 ? 4 : 2;
}

/// Takes the values of one type out of their bytes, in the order of the file.
template <typename Stored, typename Value>
std::vector<float> values_of(std::span<const std::byte> bytes, bool is_big_endian, Value value_of) {
  std::vector<float> values(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::array<std::byte, sizeof(Stored)> raw{};
    std::memcpy(raw.data(), bytes.data() + i * sizeof(Stored), sizeof(Stored));
    if (is_big_endian) std::reverse(raw.begin(), raw.end());
    values[i] = value_of(std::bit_cast<Stored>(raw));
  }
  return values;
}

std::vector<float> values_of(const ArrayLayout& layout, std::span<const std::byte> bytes) {
  const bool is_big = layout.is_big_endian;
  switch (layout.type) {
    case ArrayType::kFloat16:
      return values_of<std::uint16_t>(bytes, is_big, from_float16);
    case ArrayType::kBfloat16:
      return values_of<std::uint16_t>(bytes, is_big, from_bfloat16);
    case ArrayType::kFloat32:
      return values_of<float>(bytes, is_big, [](float value) { return value; });
    case ArrayType::kFloat64:
      return values_of<double>(bytes, is_big,
                               [](double value) { return static_cast<float>(value); });
  }
  throw std::invalid_argument("unknown type of array");
}

}  // namespace

std::string shape_text(std::span<const std::uint64_t> shape) {
  std::string text = "[";
  for (const std::uint64_t extent : shape) {
    text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  }
  return text + "]";
}

std::uint64_t values_bytes(const ArrayLayout& layout) {
  std::uint64_t count = 1;
  for (const std::uint64_t extent : layout.shape) {
    if (extent > kMostValues / std::max<std::uint64_t>(count, 1)) {
      throw std::invalid_argument("an array " + shape_text(layout.shape) + " is too large");
    }
    count *= extent;
  }
  return count * size_of(layout.type);
}

ScoreMatrix read_array(const ArrayLayout& layout, std::span<const std::byte> values) {
  std::span<const std::uint64_t> shape = layout.shape;
  if (shape.size() == 3 && shape[0] == 1) shape = shape.subspan(1);
  if (shape.size() != 2) {
    throw std::invalid_argument(
        "expected an array [frames, tokens], got one of shape " + shape_text(layout.shape) +
        (shape.size() == 3 ? "; each utterance must be an array of its own" : ""));
  }
  if (values.size() != values_bytes(layout)) {
    throw std::invalid_argument("truncated: an array " + shape_text(layout.shape) + " takes " +
                                std::to_string(values_bytes(layout)) + " bytes, got " +
                                std::to_string(values.size()));
  }
  ScoreMatrix matrix{.frame_count = static_cast<std::int64_t>(shape[0]),
                     .column_count = static_cast<std::int64_t>(shape[1]),
                     .values = values_of(layout, values)};
  if (!layout.is_column_major) return matrix;
  std::vector<float> by_rows(matrix.values.size());
  for (std::size_t row = 0; row < shape[0]; ++row) {
    for (std::size_t column = 0; column < shape[1]; ++column) {
      by_rows[row * shape[1] + column] = matrix.values[column * shape[0] + row];
    }
  }
  matrix.values = std::move(by_rows);
  return matrix;
}

}  // namespace harpy::tools
