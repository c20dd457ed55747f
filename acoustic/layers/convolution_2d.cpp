#include "acoustic/layers/convolution_2d.hpp"

#include <cmath>
#include <string>

#include "acoustic/layers/affine.hpp"
#include "acoustic/layers/initialization.hpp"

namespace harpy {

Convolution2d::Convolution2d(const Backend& backend, LayerFields& fields, std::int64_t input_dim,
                             std::uint64_t seed)
    : Convolution2d(backend, fields, read_convolution_window(fields, input_dim), input_dim, seed) {}

Convolution2d::Convolution2d(const Backend& backend, LayerFields& fields, const PlaneWindow& plane,
                             std::int64_t input_dim, std::uint64_t seed)
    : WindowLayer(plane.time), plane_(plane), input_channels_(input_dim / plane.bins) {
  const std::int64_t inputs = plane.time.kernel * plane.kernel_bins * input_channels_;
  const std::int64_t outputs = fields.integer("output_channels", 1);
  if (outputs > kMaxExtent / plane.output_bins()) {
    fields.refuse("output_channels", "at most " + std::to_string(kMaxExtent) + " outputs");
  }
  weight_.name = "weight";
  weight_.value = random_uniform(backend, {inputs, outputs},
                                 std::sqrt(6.0F / static_cast<float>(inputs)), seed);
  weight_.l2 = fields.number("l2", 1.0, 0.0);
  if (fields.boolean("bias", true)) {
    bias_.name = "bias";
    bias_.value = backend.zeros({outputs});
  }
}

void Convolution2d::apply(Backend& backend, const TimeWindow& window, ConstTensorView x,
                          TensorView y) const {
  PlaneWindow plane = plane_;
  plane.time = window;
  backend.convolve(plane, x, weight_.value, y);
  if (!bias_.value.empty()) backend.add_bias(bias_.value, channel_rows(y));
}

bool Convolution2d::absorb(Backend& backend, const ColumnFunction& next) {
  if (next.has_relu || next.factor.size() != output_channels()) return false;
  scale_outputs(backend, next, weight_.value, bias_.value);
  return true;
}

Tensor Convolution2d::backward(Backend& backend, const BackwardInput& input) {
  backend.convolve_weight_gradient(plane_, input.x, input.dy, weight_.gradient);
  if (!bias_.value.empty()) {
    backend.sum_rows(channel_rows(input.dy), bias_.gradient, Accumulate::kYes);
  }
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.x.shape);
  backend.convolve_input_gradient(plane_, input.dy, weight_.value, dx);
  return dx;
}

std::vector<Parameter*> Convolution2d::parameters() {
  if (bias_.value.empty()) return {&weight_};
  return {&weight_, &bias_};
}

}  // namespace harpy
