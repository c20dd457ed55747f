#pragma once

#include "acoustic/layers/window_layer.hpp"

namespace harpy {

/// Convolution over time and frequency (LeCun et al., 1989; over speech: Abdel-Hamid et al., 2012):
/// y[t, f, o] = bias[o] + sum over k, j, c of x[t * stride_time + (k - left_time) * dilation_time,
/// f * stride_bins + j - padding_bins, c] weight[k, j, c, o], missing frames and bins zero,
/// t = 0 .. ceil(T / stride_time) - 1, f = 0 .. floor((bins + 2 padding_bins - kernel_bins) /
/// stride_bins). A frame holds its bins one after the other, each with all its channels: [bin,
/// channel]; weight [kernel_time * kernel_bins * channels, output_channels]. He et al.'s (2015)
/// initial weights.
///
/// Fields: bins (of the input); output_channels; kernel_time, kernel_bins (taps, 3); stride_time,
/// stride_bins (1); dilation_time (frames between taps, 1); left_time (taps before the current
/// frame, centred: (kernel_time - 1) / 2); padding_bins (bins missing on each side, centred:
/// (kernel_bins - 1) / 2); bias (true); l2 (0).
class Convolution2d : public WindowLayer {
 public:
  Convolution2d(const Backend& backend, LayerFields& fields, std::int64_t input_dim,
                std::uint64_t seed);

  std::string_view type() const override { return "convolution_2d"; }
  std::int64_t input_dim() const override { return plane_.bins * input_channels_; }
  std::int64_t output_dim() const override { return plane_.output_bins() * output_channels(); }
  Tensor backward(Backend& backend, const BackwardInput& input) override;
  bool absorb(Backend& backend, const ColumnFunction& next) override;
  std::vector<Parameter*> parameters() override;

 private:
  Convolution2d(const Backend& backend, LayerFields& fields, const PlaneWindow& plane,
                std::int64_t input_dim, std::uint64_t seed);
  std::int64_t output_channels() const { return weight_.value.dim(); }
  void apply(Backend& backend, const TimeWindow& window, ConstTensorView x,
             TensorView y) const override;
  /// All bins of all frames as rows of channels.
  template <typename View>
  View channel_rows(View y) const {
    return reshaped(y, {y.rows() * plane_.output_bins(), output_channels()});
  }

  PlaneWindow plane_;
  std::int64_t input_channels_;
  Parameter weight_;
  Parameter bias_;  ///< empty without bias
};

}  // namespace harpy
