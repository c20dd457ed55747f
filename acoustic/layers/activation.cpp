#include "acoustic/layers/activation.hpp"

namespace harpy {

std::string_view Activation::type() const {
  switch (kind_) {
    case ActivationKind::kRelu:
      return "relu";
    case ActivationKind::kSigmoid:
      return "sigmoid";
    case ActivationKind::kTanh:
      break;
  }
  return "tanh";
}

Tensor Activation::forward(Backend& backend, ConstTensorView x, SavedForwardPtr*) const {
  Tensor y = backend.empty(x.shape);
  backend.activate(kind_, x, y);
  return y;
}

std::optional<ColumnFunction> Activation::column_function(Backend&) const {
  if (kind_ != ActivationKind::kRelu) return {};
  return ColumnFunction{.factor = {}, .offset = {}, .has_relu = true};
}

Tensor Activation::backward(Backend& backend, const BackwardInput& input) {
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.x.shape);
  backend.activate_backward(kind_, input.y, input.dy, dx);
  return dx;
}

}  // namespace harpy
