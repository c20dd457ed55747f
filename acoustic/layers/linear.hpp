#pragma once

#include "acoustic/layers/affine.hpp"
#include "acoustic/layers/layer_fields.hpp"

namespace harpy {

/// y[t] = x[t] weight + bias, frame by frame. Glorot and Bengio's (2010) initial weights.
/// Fields: output_dim; bias (true); l2 (0).
class Linear : public Layer {
 public:
  Linear(const Backend& backend, LayerFields& fields, std::int64_t input_dim, std::uint64_t seed);

  std::string_view type() const override { return "linear"; }
  std::int64_t input_dim() const override { return affine_.inputs(); }
  std::int64_t output_dim() const override { return affine_.outputs(); }
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;
  bool absorb(Backend& backend, const ColumnFunction& next) override {
    return affine_.absorb(backend, next);
  }
  void prepare_inference(Backend& backend) override { affine_.prepare_inference(backend); }
  std::vector<Parameter*> parameters() override { return affine_.parameters(); }

 private:
  Affine affine_;
};

}  // namespace harpy
