#pragma once

#include "acoustic/layers/affine.hpp"
#include "acoustic/layers/window_layer.hpp"

namespace harpy {

/// Convolution over time (a TDNN layer; Waibel et al., 1989):
/// y[t] = sum over k of x[t * stride + (k - left) * dilation] weight_k + bias, missing frames zero,
/// t = 0 .. ceil(T / stride) - 1. weight [kernel * input_dim, output_dim] holds weight_0, weight_1,
/// … one below the other. He et al.'s (2015) initial weights.
///
/// Fields: output_dim; kernel (taps, 1); dilation (frames between taps, 1); stride (1); left (taps
/// before the current frame, centred: (kernel - 1) / 2); bias (true); l2 (0).
class Convolution : public WindowLayer {
 public:
  struct Options {
    TimeWindow window;
    std::int64_t input_dim = 0;
    std::int64_t output_dim = 0;
    bool with_bias = true;
    std::uint64_t seed = 0;
    float l2 = 0.0F;
  };
  Convolution(const Backend& backend, const Options& options);
  Convolution(const Backend& backend, LayerFields& fields, std::int64_t input_dim,
              std::uint64_t seed);

  std::string_view type() const override { return "convolution"; }
  std::int64_t input_dim() const override { return affine_.inputs() / window().kernel; }
  std::int64_t output_dim() const override { return affine_.outputs(); }
  Tensor backward(Backend& backend, const BackwardInput& input) override;
  bool absorb(Backend& backend, const ColumnFunction& next) override {
    return affine_.absorb(backend, next);
  }
  void prepare_inference(Backend& backend) override { affine_.prepare_inference(backend); }
  std::vector<Parameter*> parameters() override { return affine_.parameters(); }

 private:
  void apply(Backend& backend, const TimeWindow& window, ConstTensorView x,
             TensorView y) const override;
  /// Whether every output sees its own frame only: no unfolding.
  bool is_pointwise() const { return window().kernel == 1 && window().stride == 1; }
  Tensor unfolded(Backend& backend, ConstTensorView x, const TimeWindow& window,
                  std::int64_t output_frames) const;

  Affine affine_;
};

}  // namespace harpy
