#include "acoustic/layers/layer.hpp"

namespace harpy {

Tensor Layer::forward_stream(Backend& backend, ConstTensorView x, LayerState*, bool) const {
  return forward(backend, x, nullptr);
}

}  // namespace harpy
