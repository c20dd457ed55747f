#pragma once

#include "acoustic/layers/layer_chain.hpp"

namespace harpy {

/// y = x + f(x), f a chain of layers that keeps dimension and frame rate (He et al., 2016).
/// Fields: layers (an array).
class Residual : public Layer {
 public:
  explicit Residual(LayerChain branch) : branch_(std::move(branch)) {}

  std::string_view type() const override { return "residual"; }
  std::int64_t input_dim() const override { return branch_.input_dim(); }
  std::int64_t output_dim() const override { return branch_.input_dim(); }
  FrameContext context() const override { return branch_.context(); }
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;
  std::unique_ptr<LayerState> open_stream(Backend& backend) const override;
  /// The bypass waits for what the branch withholds.
  Tensor forward_stream(Backend& backend, ConstTensorView x, LayerState* state,
                        bool last) const override;
  std::vector<Parameter*> parameters() override { return branch_.parameters(); }
  std::vector<Statistic*> statistics() override { return branch_.statistics(); }

 private:
  LayerChain branch_;
};

}  // namespace harpy
