#include "acoustic/layers/layer.hpp"

namespace harpy {

Tensor Layer::forward_block(Backend& backend, ConstTensorView x, StreamBlock&) const {
  return forward(backend, x, nullptr);
}

}  // namespace harpy
