#include "acoustic/backend/tensor.hpp"

#include <limits>
#include <stdexcept>

namespace harpy {

Shape::Shape(std::initializer_list<std::int64_t> extents) {
  if (extents.size() > kMaxRank) {
    throw std::invalid_argument("Shape: at most 4 axes, got " + std::to_string(extents.size()));
  }
  for (std::int64_t extent : extents) {
    if (extent < 0) {
      throw std::invalid_argument("Shape: negative extent " + std::to_string(extent));
    }
    extents_[rank_++] = extent;
  }
  // So that the bytes of all values can be counted too.
  constexpr std::int64_t kMostValues = std::numeric_limits<std::int64_t>::max() / 8;
  std::int64_t values = 1;
  for (std::int64_t extent : extents) {
    if (extent > 0 && values > kMostValues / extent) {
      throw std::invalid_argument("Shape: more values than can be counted: " + to_string(*this));
    }
    values *= extent;
  }
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + "]";
}

void check_same_size(const Shape& expected, const Shape& got) {
  if (expected.size() != got.size()) {
    throw std::invalid_argument("reshape: expected " + std::to_string(expected.size()) +
                                " values, got " + to_string(got));
  }
}

void check_rows(const Shape& shape, std::int64_t begin, std::int64_t count) {
  if (begin < 0 || count < 0 || begin > shape.rows() || count > shape.rows() - begin) {
    throw std::invalid_argument("slice_rows: expected rows within " + to_string(shape) + ", got " +
                                std::to_string(count) + " from " + std::to_string(begin));
  }
}

void Tensor::reshape(const Shape& shape) {
  check_same_size(shape_, shape);
  shape_ = shape;
}

}  // namespace harpy
