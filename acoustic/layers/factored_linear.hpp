#pragma once

#include "acoustic/layers/convolution.hpp"

namespace harpy {

/// Factored TDNN layer (TDNN-F; Povey et al., 2018): a convolution through a narrow bottleneck.
/// h[t] = sum over k = 0 .. kernel - 1 of x[t - (kernel - 1 - k) * dilation] bottleneck_k,
/// y[t] = sum over k = 0 .. kernel - 1 of h[t + k * dilation] affine_k + bias.
/// The bottleneck's weight [kernel * input_dim, bottleneck_dim] is kept near semi-orthogonal, with
/// a floating scale, by one step of make_more_semi_orthogonal before every fourth training step.
/// Put into a residual with "bypass_scale": 0.66, after relu, batch_norm and dropout, for Kaldi's
/// TDNN-F block.
///
/// Fields: output_dim; bottleneck_dim; kernel (taps of each factor, 2); dilation (frames between
/// taps, 1); bias (of the affine factor, true); l2 (of both weights, 0).
class FactoredLinear : public Layer {
 public:
  FactoredLinear(const Backend& backend, LayerFields& fields, std::int64_t input_dim,
                 std::uint64_t seed);

  std::string_view type() const override { return "factored_linear"; }
  std::int64_t input_dim() const override { return bottleneck_.input_dim(); }
  std::int64_t output_dim() const override { return affine_.output_dim(); }
  FrameContext context() const override;

  void begin_step(Backend& backend, std::int64_t step) override;
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;
  void lay_out_stream(StreamLayout& layout) const override;
  Tensor forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const override;
  bool absorb(Backend& backend, const ColumnFunction& next) override {
    return affine_.absorb(backend, next);
  }
  void prepare_inference(Backend& backend) override {
    bottleneck_.prepare_inference(backend);
    affine_.prepare_inference(backend);
  }
  std::vector<Parameter*> parameters() override;

 private:
  struct Options {
    Convolution::Options bottleneck, affine;
  };
  FactoredLinear(const Backend& backend, const Options& options);
  static Options read_options(LayerFields& fields, std::int64_t input_dim, std::uint64_t seed);

  Convolution bottleneck_, affine_;
};

}  // namespace harpy
