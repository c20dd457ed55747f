#pragma once

#include "acoustic/layers/window_layer.hpp"

namespace harpy {

/// Pooling over time and frequency: y[t, f, c] = the largest (max_pooling) or the mean
/// (average_pooling) of x[t * stride_time + k - left_time, f * stride_bins + j, c], k = 0 ..
/// kernel_time - 1, j = 0 .. kernel_bins - 1; frames outside take no part,
/// t = 0 .. ceil(T / stride_time) - 1, f = 0 .. floor((bins - kernel_bins) / stride_bins). Frames
/// are laid out [bin, channel]; with one bin every value is a channel.
///
/// Fields: bins (of the input, 1); kernel_time, kernel_bins (1); stride_time, stride_bins (as the
/// kernels); left_time (frames before the current one, 0).
class PoolingLayer : public WindowLayer {
 public:
  PoolingLayer(Pooling pooling, LayerFields& fields, std::int64_t input_dim);

  std::string_view type() const override {
    return pooling_ == Pooling::kMax ? "max_pooling" : "average_pooling";
  }
  std::int64_t input_dim() const override { return plane_.bins * channels_; }
  std::int64_t output_dim() const override { return plane_.output_bins() * channels_; }
  Tensor backward(Backend& backend, const BackwardInput& input) override;

 private:
  PoolingLayer(Pooling pooling, const PlaneWindow& plane, std::int64_t input_dim)
      : WindowLayer(plane.time),
        pooling_(pooling),
        plane_(plane),
        channels_(input_dim / plane.bins) {}
  void apply(Backend& backend, const TimeWindow& window, ConstTensorView x,
             TensorView y) const override;
  float outside_value() const override;
  void correct_ends(Backend& backend, const BlockTime& time, const TimeWindow& window,
                    const StreamSlot* slots, TensorView y) const override;

  Pooling pooling_;
  PlaneWindow plane_;
  std::int64_t channels_;
};

}  // namespace harpy
