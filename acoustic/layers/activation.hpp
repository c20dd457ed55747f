#pragma once

#include "acoustic/layers/layer.hpp"

namespace harpy {

/// y = f(x), value by value; relu: max(x, 0), sigmoid: 1 / (1 + exp(-x)), tanh. No fields.
class Activation : public Layer {
 public:
  Activation(ActivationKind kind, std::int64_t dim) : kind_(kind), dim_(dim) {}

  std::string_view type() const override;
  std::int64_t input_dim() const override { return dim_; }
  std::int64_t output_dim() const override { return dim_; }
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  std::optional<ColumnFunction> column_function(Backend& backend) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;

 private:
  ActivationKind kind_;
  std::int64_t dim_;
};

}  // namespace harpy
