#include "acoustic/layers/log_softmax.hpp"

namespace harpy {

Tensor LogSoftmax::forward(Backend& backend, ConstTensorView x, SavedForwardPtr*) const {
  Tensor y = backend.empty(x.shape);
  backend.log_softmax(x, y);
  return y;
}

Tensor LogSoftmax::backward(Backend& backend, const BackwardInput& input) {
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.x.shape);
  backend.log_softmax_backward(input.y, input.dy, dx);
  return dx;
}

}  // namespace harpy
