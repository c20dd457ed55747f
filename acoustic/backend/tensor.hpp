#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "acoustic/backend/device_buffer.hpp"

namespace harpy {

/// Extents of a dense row-major array of one to four axes. The last axis is the contiguous one
/// ("dim" of activations, which are [sequences, frames, dim]).
class Shape {
 public:
  static constexpr int kMaxRank = 4;

  constexpr Shape() = default;
  /// Errors: std::invalid_argument for more than four axes, a negative extent or a size that no
  /// integer holds.
  Shape(std::initializer_list<std::int64_t> extents);

  constexpr int rank() const { return rank_; }
  constexpr std::int64_t operator[](int axis) const { return extents_[axis]; }
  constexpr std::int64_t size() const {
    std::int64_t product = rank_ == 0 ? 0 : 1;
    for (int axis = 0; axis < rank_; ++axis) product *= extents_[axis];
    return product;
  }
  /// Extent of the last axis.
  constexpr std::int64_t dim() const { return rank_ == 0 ? 0 : extents_[rank_ - 1]; }
  /// Product of all axes but the last: the array seen as a matrix [rows, dim].
  constexpr std::int64_t rows() const { return dim() == 0 ? 0 : size() / dim(); }
  constexpr bool operator==(const Shape&) const = default;

 private:
  std::array<std::int64_t, kMaxRank> extents_{};
  int rank_ = 0;
};

/// "[2, 100, 80]".
std::string to_string(const Shape& shape);

/// Throws std::invalid_argument if the sizes differ.
void check_same_size(const Shape& expected, const Shape& got);
/// Throws std::invalid_argument if rows [begin, begin + count) are not within the shape.
void check_rows(const Shape& shape, std::int64_t begin, std::int64_t count);

/// Non-owning view of float32 values on some device; trivially copyable, so it goes into kernels by
/// value.
template <typename T>
struct BasicTensorView {
  T* data = nullptr;
  Shape shape;

  constexpr std::int64_t size() const { return shape.size(); }
  constexpr std::size_t size_bytes() const { return static_cast<std::size_t>(size()) * sizeof(T); }
  constexpr std::int64_t rows() const { return shape.rows(); }
  constexpr std::int64_t dim() const { return shape.dim(); }
  constexpr T* row(std::int64_t index) const { return data + index * dim(); }
  constexpr operator BasicTensorView<const T>() const requires(!std::is_const_v<T>) {
    return {data, shape};
  }
};
/// The same values under other extents. Errors: std::invalid_argument if the sizes differ.
template <typename T>
BasicTensorView<T> reshaped(BasicTensorView<T> view, const Shape& shape) {
  check_same_size(view.shape, shape);
  return {view.data, shape};
}

/// Rows [begin, begin + count) of a view seen as a matrix, as [count, dim].
/// Errors: std::invalid_argument if they are not within the view.
template <typename T>
BasicTensorView<T> slice_rows(BasicTensorView<T> view, std::int64_t begin, std::int64_t count) {
  check_rows(view.shape, begin, count);
  return {view.data + begin * view.dim(), Shape{count, view.dim()}};
}

using TensorView = BasicTensorView<float>;
using ConstTensorView = BasicTensorView<const float>;

/// Owns float32 values on a device. Move-only; contents start undefined (see Backend::zeros).
class Tensor {
 public:
  Tensor() = default;
  Tensor(std::shared_ptr<DeviceMemory> memory, const Shape& shape)
      : buffer_(std::move(memory), static_cast<std::size_t>(shape.size())), shape_(shape) {}

  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return shape_.size(); }
  std::int64_t rows() const { return shape_.rows(); }
  std::int64_t dim() const { return shape_.dim(); }
  bool empty() const { return size() == 0; }
  float* data() { return buffer_.data(); }
  const float* data() const { return buffer_.data(); }
  TensorView view() { return {buffer_.data(), shape_}; }
  ConstTensorView view() const { return {buffer_.data(), shape_}; }
  operator TensorView() { return view(); }
  operator ConstTensorView() const { return view(); }

  /// The same values under other extents. Errors: std::invalid_argument if the sizes differ.
  void reshape(const Shape& shape);

 private:
  DeviceBuffer<float> buffer_;
  Shape shape_;
};

}  // namespace harpy
