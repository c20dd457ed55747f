#pragma once

#include "acoustic/layers/window_layer.hpp"

namespace harpy {

/// Neighbouring frames side by side: y[t] = x[t * stride - left * dilation], x[t * stride - left *
/// dilation + dilation], … (kernel frames), missing ones zero. With one tap and a stride it leaves
/// frames out (subsampling); with a kernel and a stride of T frames it makes one vector of T.
///
/// Fields: kernel (frames, 1); dilation (frames between them, 1); stride (1); left (taps before the
/// current frame, centred: (kernel - 1) / 2).
class Splice : public WindowLayer {
 public:
  Splice(LayerFields& fields, std::int64_t input_dim);

  std::string_view type() const override { return "splice"; }
  std::int64_t input_dim() const override { return input_dim_; }
  std::int64_t output_dim() const override { return window().kernel * input_dim_; }
  Tensor backward(Backend& backend, const BackwardInput& input) override;

 private:
  void apply(Backend& backend, const TimeWindow& window, ConstTensorView x,
             TensorView y) const override;

  std::int64_t input_dim_;
};

}  // namespace harpy
