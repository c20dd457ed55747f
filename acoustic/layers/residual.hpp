#pragma once

#include "acoustic/layers/layer_chain.hpp"

namespace harpy {

/// y = bypass_scale x + f(x), f a chain of layers that keeps dimension and frame rate (He et al.,
/// 2016; scaled, 0.66: Povey et al., 2018). Fields: layers (an array); bypass_scale (1).
class Residual : public Layer {
 public:
  Residual(LayerChain branch, float bypass_scale)
      : branch_(std::move(branch)), bypass_scale_(bypass_scale) {}

  std::string_view type() const override { return "residual"; }
  std::int64_t input_dim() const override { return branch_.input_dim(); }
  std::int64_t output_dim() const override { return branch_.input_dim(); }
  FrameContext context() const override { return branch_.context(); }
  void fix_statistics() override { branch_.fix_statistics(); }
  void begin_step(Backend& backend, std::int64_t step) override {
    branch_.begin_step(backend, step);
  }
  void begin_microbatch(std::int64_t index) override { branch_.begin_microbatch(index); }
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;
  /// The bypass is delayed by as many frames as the branch lags behind.
  void lay_out_stream(StreamLayout& layout) const override;
  Tensor forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const override;
  /// A normalisation at the branch's end becomes a part of the sum.
  void prepare_inference(Backend& backend) override;
  std::vector<Parameter*> parameters() override { return branch_.parameters(); }
  std::vector<Statistic*> statistics() override { return branch_.statistics(); }

 private:
  /// Makes the output of a branch, `y`, that of the layer.
  void add_bypass(Backend& backend, ConstTensorView x, TensorView y) const;
  /// Adds the queue that keeps the input frames whose branch output is still to come.
  FrameQueue lay_out_bypass(const BlockTime& input, StreamLayout& behind_branch) const;

  LayerChain branch_;
  float bypass_scale_;
  ColumnFunction end_;  ///< of the branch, once inference is prepared
};

}  // namespace harpy
