#pragma once

#include "acoustic/layers/layer.hpp"

namespace harpy {

/// y[t, d] = x[t, d] - log sum over e of exp(x[t, e]). No fields.
class LogSoftmax : public Layer {
 public:
  explicit LogSoftmax(std::int64_t dim) : dim_(dim) {}

  std::string_view type() const override { return "log_softmax"; }
  std::int64_t input_dim() const override { return dim_; }
  std::int64_t output_dim() const override { return dim_; }
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;

 private:
  std::int64_t dim_;
};

}  // namespace harpy
