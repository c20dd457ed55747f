#pragma once

#include "acoustic/layers/layer.hpp"

namespace harpy {

/// y = max(x, 0), value by value. No fields.
class Relu : public Layer {
 public:
  explicit Relu(std::int64_t dim) : dim_(dim) {}

  std::string_view type() const override { return "relu"; }
  std::int64_t input_dim() const override { return dim_; }
  std::int64_t output_dim() const override { return dim_; }
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;

 private:
  std::int64_t dim_;
};

}  // namespace harpy
