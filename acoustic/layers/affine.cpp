#include "acoustic/layers/affine.hpp"

#include <utility>

#include "acoustic/layers/initialization.hpp"

namespace harpy {

Affine::Affine(const Backend& backend, const Options& options)
    : weight_{.name = "weight",
              .value = random_uniform(backend, {options.inputs, options.outputs}, options.limit,
                                      options.seed),
              .gradient = {},
              .l2 = options.l2} {
  if (options.with_bias) {
    bias_.name = "bias";
    bias_.value = backend.zeros({options.outputs});
  }
}

bool Affine::absorb(Backend& backend, const ColumnFunction& next) {
  if (has_relu_) return false;
  if (!next.factor.empty()) {
    if (next.factor.size() != outputs()) return false;
    scale_outputs(backend, next, weight_.value, bias_.value);
  }
  has_relu_ = next.has_relu;
  return true;
}

void Affine::prepare_inference(Backend& backend) {
  rounded_weight_ = backend.rounded_weight(weight_.value);
}

void Affine::forward(Backend& backend, ConstTensorView x, TensorView y) const {
  backend.apply({.weight = weight_.value,
                 .bias = bias_.value,
                 .has_relu = has_relu_,
                 .rounded_weight = rounded_weight_.data()},
                x, y);
}

void Affine::add_gradients(Backend& backend, ConstTensorView x, ConstTensorView dy) {
  backend.multiply(x, Transpose::kYes, dy, Transpose::kNo, weight_.gradient, Accumulate::kYes);
  if (!bias_.value.empty()) backend.sum_rows(dy, bias_.gradient, Accumulate::kYes);
}

void Affine::input_gradient(Backend& backend, ConstTensorView dy, TensorView dx) const {
  backend.multiply(dy, Transpose::kNo, weight_.value, Transpose::kYes, dx, Accumulate::kNo);
}

void scale_outputs(Backend& backend, const ColumnFunction& scaling, Tensor& weight, Tensor& bias) {
  Tensor scaled_weight = backend.empty(weight.shape());
  backend.scale_and_shift(weight, scaling.factor, backend.zeros(scaling.factor.shape()),
                          scaled_weight);
  Tensor shifted_bias = backend.copy_of(scaling.offset);
  if (!bias.empty()) backend.scale_and_shift(bias, scaling.factor, scaling.offset, shifted_bias);
  weight = std::move(scaled_weight);
  bias = std::move(shifted_bias);
}

std::vector<Parameter*> Affine::parameters() {
  if (bias_.value.empty()) return {&weight_};
  return {&weight_, &bias_};
}

}  // namespace harpy
