#include "acoustic/backend/tensor.hpp"

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
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + "]";
}

void Tensor::reshape(const Shape& shape) {
  if (shape.size() != shape_.size()) {
    throw std::invalid_argument("Tensor::reshape: expected " + std::to_string(shape_.size()) +
                                " values, got " + to_string(shape));
  }
  shape_ = shape;
}

}  // namespace harpy
