#include "acoustic/layers/pooling.hpp"

namespace harpy {

PoolingLayer::PoolingLayer(Pooling pooling, LayerFields& fields, std::int64_t input_dim)
    : PoolingLayer(pooling, read_pooling_window(fields, input_dim), input_dim) {}

void PoolingLayer::apply(Backend& backend, const TimeWindow& window, ConstTensorView x,
                         TensorView y) const {
  PlaneWindow plane = plane_;
  plane.time = window;
  backend.pool(pooling_, plane, x, y);
}

Tensor PoolingLayer::backward(Backend& backend, const BackwardInput& input) {
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.x.shape);
  backend.pool_backward(pooling_, plane_, {input.x, input.y, input.dy}, dx);
  return dx;
}

}  // namespace harpy
