#include "acoustic/layers/activation.hpp"

namespace harpy {

Tensor Relu::forward(Backend& backend, ConstTensorView x, SavedForwardPtr*) const {
  Tensor y = backend.empty(x.shape);
  backend.relu(x, y);
  return y;
}

Tensor Relu::backward(Backend& backend, const BackwardInput& input) {
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.x.shape);
  backend.relu_backward(input.y, input.dy, dx);
  return dx;
}

}  // namespace harpy
