#pragma once

#include <cstdint>

#include "acoustic/backend/backend.hpp"

/// Copies and sums over the windows of convolutions and poolings, for ranges of rows or sequences.
namespace harpy::cpu {

/// Rows [begin, end) of y (all output frames of all sequences) from x.
void unfold(ConstTensorView x, const TimeWindow& window, TensorView y, std::int64_t begin,
            std::int64_t end);
/// Rows [begin, end) of dx (all input frames of all sequences) from dy.
void fold(ConstTensorView dy, const TimeWindow& window, TensorView dx, std::int64_t begin,
          std::int64_t end);

/// Rows [begin, end) of y.
void pool(Pooling pooling, const PlaneWindow& window, ConstTensorView x, TensorView y,
          std::int64_t begin, std::int64_t end);
/// Sequences [begin, end) of dx; `scratch` has room for one value for each channel.
void pool_backward(Pooling pooling, const PlaneWindow& window,
                   const Backend::PoolOperands& operands, TensorView dx, float* scratch,
                   std::int64_t begin, std::int64_t end);

}  // namespace harpy::cpu
