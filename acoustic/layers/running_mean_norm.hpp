#pragma once

#include "acoustic/layers/layer.hpp"
#include "acoustic/layers/layer_fields.hpp"

namespace harpy {

/// Subtracts from each frame the mean of the frames so far, in which a mean of zero weighs as much
/// as prior_frames frames and frames are forgotten with a time constant of memory_frames. Levels
/// and channels differ by a constant in log mel features, which so disappears within a second or
/// two. Causal: it looks no frame ahead (online cepstral mean normalisation with a prior, as Kaldi
/// does for i-vectors).
/// Fields: prior_frames (100); memory_frames (500).
class RunningMeanNorm : public Layer {
 public:
  RunningMeanNorm(LayerFields& fields, std::int64_t dim);

  std::string_view type() const override { return "running_mean_norm"; }
  std::int64_t input_dim() const override { return dim_; }
  std::int64_t output_dim() const override { return dim_; }
  /// All frames so far; those before the last five memory_frames weigh less than a hundredth.
  FrameContext context() const override { return {.left = 5 * memory_frames_}; }
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;
  void lay_out_stream(StreamLayout& layout) const override { enter(layout); }
  Tensor forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const override;

 private:
  /// Makes room for a stream's sums and counts.
  FrameQueue enter(StreamLayout& layout) const { return layout.add_queue(2, dim_); }

  std::int64_t dim_;
  std::int64_t memory_frames_;
  RunningMean mean_;
};

}  // namespace harpy
