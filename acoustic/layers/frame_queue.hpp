#pragma once

#include <cstdint>

#include "acoustic/backend/backend.hpp"

namespace harpy {

/// The frames of one stream that a layer keeps between blocks, first in, first out.
class FrameQueue {
 public:
  explicit FrameQueue(std::int64_t dim) : dim_(dim) {}

  std::int64_t size() const { return frames_.empty() ? 0 : frames_.shape()[1]; }
  /// [1, size(), dim].
  ConstTensorView view() const { return {frames_.data(), Shape{1, size(), dim_}}; }
  /// Shapes: x [1, frames, dim].
  void append(Backend& backend, ConstTensorView x);
  /// Forgets the oldest `count` frames, at most size().
  void drop(Backend& backend, std::int64_t count);

 private:
  std::int64_t dim_;
  Tensor frames_;
};

}  // namespace harpy
