#include "acoustic/layers/rms_norm.hpp"

#include <string>

namespace harpy {

RmsNorm::RmsNorm(LayerFields& fields, std::int64_t dim)
    : dim_(dim),
      blocks_(fields.integer("blocks", 1, 1)),
      target_rms_(fields.number("target_rms", 1e6, 1.0)) {
  if (dim % blocks_ != 0) {
    fields.refuse("blocks", "a divisor of the " + std::to_string(dim) + " inputs");
  }
}

Tensor RmsNorm::forward(Backend& backend, ConstTensorView x, SavedForwardPtr*) const {
  Tensor y = backend.empty(x.shape);
  backend.rms_normalize(target_rms_, block_rows(x), block_rows(y.view()));
  return y;
}

Tensor RmsNorm::backward(Backend& backend, const BackwardInput& input) {
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.x.shape);
  backend.rms_normalize_backward(target_rms_, block_rows(input.x), block_rows(input.dy),
                                 block_rows(dx.view()));
  return dx;
}

}  // namespace harpy
