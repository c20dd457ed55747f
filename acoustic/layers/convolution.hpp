#pragma once

#include "acoustic/layers/affine.hpp"
#include "acoustic/layers/layer_fields.hpp"

namespace harpy {

/// Convolution over time (a TDNN layer; Waibel et al., 1989):
/// y[t] = sum over k of x[t * stride + (k - left) * dilation] weight_k + bias, missing frames zero,
/// t = 0 .. ceil(T / stride) - 1. weight [kernel * input_dim, output_dim] holds weight_0, weight_1,
/// … one below the other. He et al.'s (2015) initial weights.
///
/// Fields: output_dim; kernel (taps, 1); dilation (frames between taps, 1); stride (1); left (taps
/// before the current frame, centred: (kernel - 1) / 2); bias (true); l2 (0).
class Convolution : public Layer {
 public:
  Convolution(const Backend& backend, LayerFields& fields, std::int64_t input_dim,
              std::uint64_t seed);

  std::string_view type() const override { return "convolution"; }
  std::int64_t input_dim() const override { return affine_.inputs() / window_.kernel; }
  std::int64_t output_dim() const override { return affine_.outputs(); }
  FrameContext context() const override;
  std::int64_t subsampling() const override { return window_.stride; }

  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;
  std::unique_ptr<LayerState> open_stream(Backend& backend) const override;
  Tensor forward_stream(Backend& backend, ConstTensorView x, LayerState* state,
                        bool last) const override;
  std::vector<Parameter*> parameters() override { return affine_.parameters(); }

 private:
  /// Whether every output sees its own frame only: no unfolding.
  bool is_pointwise() const { return window_.kernel == 1 && window_.stride == 1; }
  Tensor unfolded(Backend& backend, ConstTensorView x, const TimeWindow& window,
                  std::int64_t output_frames) const;

  TimeWindow window_;
  Affine affine_;
};

}  // namespace harpy
