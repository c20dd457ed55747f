#include "acoustic/layers/pooling.hpp"

#include <limits>

namespace harpy {

PoolingLayer::PoolingLayer(Pooling pooling, LayerFields& fields, std::int64_t input_dim)
    : PoolingLayer(pooling, read_pooling_window(fields, input_dim), input_dim) {}

void PoolingLayer::apply(Backend& backend, const TimeWindow& window, ConstTensorView x,
                         TensorView y) const {
  PlaneWindow plane = plane_;
  plane.time = window;
  backend.pool(pooling_, plane, x, y);
}

float PoolingLayer::outside_value() const {
  return pooling_ == Pooling::kMax ? -std::numeric_limits<float>::infinity() : 0.0F;
}

void PoolingLayer::correct_ends(Backend& backend, const BlockTime& time, const TimeWindow& window,
                                const StreamSlot* slots, TensorView y) const {
  if (pooling_ == Pooling::kAverage) backend.average_inside(time, window, slots, y);
}

Tensor PoolingLayer::backward(Backend& backend, const BackwardInput& input) {
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.x.shape);
  backend.pool_backward(pooling_, plane_, {input.x, input.y, input.dy}, dx);
  return dx;
}

}  // namespace harpy
