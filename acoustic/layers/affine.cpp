#include "acoustic/layers/affine.hpp"

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

void Affine::forward(Backend& backend, ConstTensorView x, TensorView y) const {
  backend.multiply(x, Transpose::kNo, weight_.value, Transpose::kNo, y, Accumulate::kNo);
  if (!bias_.value.empty()) backend.add_bias(bias_.value, y);
}

void Affine::add_gradients(Backend& backend, ConstTensorView x, ConstTensorView dy) {
  backend.multiply(x, Transpose::kYes, dy, Transpose::kNo, weight_.gradient, Accumulate::kYes);
  if (!bias_.value.empty()) backend.sum_rows(dy, bias_.gradient, Accumulate::kYes);
}

void Affine::input_gradient(Backend& backend, ConstTensorView dy, TensorView dx) const {
  backend.multiply(dy, Transpose::kNo, weight_.value, Transpose::kYes, dx, Accumulate::kNo);
}

std::vector<Parameter*> Affine::parameters() {
  if (bias_.value.empty()) return {&weight_};
  return {&weight_, &bias_};
}

}  // namespace harpy
