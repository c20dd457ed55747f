#pragma once

#include "acoustic/layers/layer.hpp"
#include "acoustic/layers/layer_fields.hpp"

namespace harpy {

/// Reads the fields kernel (taps, 1), dilation (frames between taps, 1), stride (1) and left (taps
/// before the current frame, centred: (kernel - 1) / 2). The window sees its own frame.
TimeWindow read_time_window(LayerFields& fields);

/// Reads the fields of a convolution over time and frequency: bins (required); kernel_time (3),
/// dilation_time (1), stride_time (1) and left_time (centred), as above; kernel_bins (3),
/// stride_bins (1) and padding_bins (zero bins on each side, centred: (kernel_bins - 1) / 2).
PlaneWindow read_convolution_window(LayerFields& fields, std::int64_t input_dim);

/// Reads the fields of a pooling: bins (1); kernel_time (1), stride_time (kernel_time) and
/// left_time (0); kernel_bins (1) and stride_bins (kernel_bins).
PlaneWindow read_pooling_window(LayerFields& fields, std::int64_t input_dim);

/// A layer whose outputs each see a window of input frames: y[t] = f(x[t * stride + k * dilation -
/// left], k = 0 .. kernel - 1), t = 0 .. ceil(T / stride) - 1. Keeps the frames of a stream that
/// later outputs need.
class WindowLayer : public Layer {
 public:
  FrameContext context() const override;
  std::int64_t subsampling() const override { return window_.stride; }
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  void lay_out_stream(StreamLayout& layout) const override { enter(layout); }
  Tensor forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const override;

 protected:
  explicit WindowLayer(const TimeWindow& window) : window_(window) {}
  const TimeWindow& window() const { return window_; }

 private:
  /// The input frames that a block of outputs sees.
  struct Seen {
    FrameQueue queue;                ///< frames before the block
    std::int64_t frame_count = 0;    ///< frames seen: the last ones of queue and block together
    std::int64_t skipped_count = 0;  ///< first frames of the block that no output sees
  };
  /// Changes the layout from the blocks before this layer to those behind it.
  Seen enter(StreamLayout& layout) const;

  /// Writes the output frames y of x through `window`, which is this layer's own but for `left`. x
  /// and y have at least one frame; frames outside x do not exist.
  virtual void apply(Backend& backend, const TimeWindow& window, ConstTensorView x,
                     TensorView y) const = 0;
  /// The value that frames outside a stream have.
  virtual float outside_value() const { return 0.0F; }
  /// Corrects output frames at a stream's ends, where frames outside the stream took part with
  /// outside_value. `window` is this layer's with `left` counted from the block's first frame;
  /// `time` is that of the block.
  virtual void correct_ends(Backend&, const BlockTime& /*time*/, const TimeWindow& /*window*/,
                            const StreamSlot* /*slots*/, TensorView /*y*/) const {}

  TimeWindow window_;
};

}  // namespace harpy
