#include "acoustic/layers/splice.hpp"

#include <string>

namespace harpy {

Splice::Splice(LayerFields& fields, std::int64_t input_dim)
    : WindowLayer(read_time_window(fields)), input_dim_(input_dim) {
  if (output_dim() > kMaxExtent) {
    fields.refuse("kernel", "at most " + std::to_string(kMaxExtent) + " outputs");
  }
}

void Splice::apply(Backend& backend, const TimeWindow& window, ConstTensorView x,
                   TensorView y) const {
  backend.unfold(x, window, y);
}

Tensor Splice::backward(Backend& backend, const BackwardInput& input) {
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.x.shape);
  backend.fold(input.dy, window(), dx);
  return dx;
}

}  // namespace harpy
