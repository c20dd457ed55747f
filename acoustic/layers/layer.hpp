#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "acoustic/layers/stream_layout.hpp"

namespace harpy {

/// Values that training changes, with the gradient that backward adds to.
struct Parameter {
  std::string name;  ///< within its layer: "weight", "bias"
  Tensor value;
  Tensor gradient;  ///< empty until training is prepared (Network::prepare_training)
  float l2 = 0.0F;  ///< weight decay of this parameter's layer
};

/// Values that belong to a model but are not learnt by gradient: running means and variances.
struct Statistic {
  std::string name;
  Tensor value;
};

/// What a layer keeps from forward for backward. Each layer makes and reads its own type.
class SavedForward {
 public:
  virtual ~SavedForward() = default;
};
using SavedForwardPtr = std::unique_ptr<SavedForward>;

/// Input frames, at the layer's input rate, that an output frame sees before and after its own.
struct FrameContext {
  std::int64_t left = 0;
  std::int64_t right = 0;

  bool operator==(const FrameContext&) const = default;
};

/// What a layer that treats each column by itself does in inference: y[r, d] = x[r, d] * factor[d]
/// + offset[d], then max(y, 0) with has_relu. The columns are the channels of frames [bins,
/// channel].
struct ColumnFunction {
  Tensor factor, offset;  ///< [channels]; both empty: y = x
  bool has_relu = false;

  bool is_identity() const { return factor.empty() && !has_relu; }
};

/// What backward works from: the operands of forward, its saved state and the gradient that comes
/// in.
struct BackwardInput {
  ConstTensorView x, y;  ///< input and output of forward
  ConstTensorView dy;    ///< gradient with respect to y
  SavedForward* saved = nullptr;
  bool need_dx =
      true;  ///< false: nothing before this layer learns, backward returns an empty tensor
};

/// One differentiable step of a network, y = f(x; parameters). x is [sequences, frames, dim]; T
/// input frames give ceil(T / subsampling) output frames, missing context is zero.
///
/// Inference is const. Parameter gradients accumulate; input gradients are written fresh.
/// Threads: const methods from any thread, each with its own backend.
class Layer {
 public:
  virtual ~Layer() = default;

  /// The name the layer has in network descriptions.
  virtual std::string_view type() const = 0;
  virtual std::int64_t input_dim() const = 0;
  virtual std::int64_t output_dim() const = 0;
  virtual FrameContext context() const { return {}; }
  virtual std::int64_t subsampling() const { return 1; }

  /// From now on training takes the statistics as they are, as inference does, and leaves them so.
  virtual void fix_statistics() {}
  /// Prepares training step `step` (from 1, the same number when a training is resumed), before its
  /// forward: layers draw their random masks from it and put their weights back under constraints.
  virtual void begin_step(Backend&, std::int64_t) {}
  /// Prepares microbatch `index` (from 0) of the step: layers draw masks of its own from it.
  /// Without this call it is microbatch 0.
  virtual void begin_microbatch(std::int64_t) {}

  /// `saved` null means inference: nothing is kept, and running statistics are used. Otherwise it
  /// is training, and `saved` receives what backward needs beside x and y, if anything.
  virtual Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const = 0;
  /// The gradient with respect to x. May update running statistics.
  virtual Tensor backward(Backend& backend, const BackwardInput& input) = 0;

  /// Describes streaming through this layer. Streams advance in blocks of one size, and a block
  /// that comes out lags behind by the layer's right context. `layout` describes the blocks before
  /// this layer and is changed to describe those behind it; a layer without context leaves it as it
  /// is. Errors: std::invalid_argument if blocks are no multiple of the subsampling.
  virtual void lay_out_stream(StreamLayout&) const {}
  /// Computes the next block of output frames of each stream; frames outside a stream have no
  /// meaning. Changes block.layout as lay_out_stream does. Shapes: x [streams, block_frames,
  /// input_dim] -> [streams, block_frames / subsampling, output_dim].
  virtual Tensor forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const;

  /// What the layer does in inference, if it is a function of each column.
  virtual std::optional<ColumnFunction> column_function(Backend&) const { return {}; }
  /// Makes a function of the outputs a part of the layer itself and returns true, if it can: from
  /// then on the layer computes function(f(x)), and learns no more.
  virtual bool absorb(Backend&, const ColumnFunction&) { return false; }
  /// Computes once what inference would compute each time (Network::prepare_inference). The layer
  /// learns no more.
  virtual void prepare_inference(Backend&) {}

  virtual std::vector<Parameter*> parameters() { return {}; }
  virtual std::vector<Statistic*> statistics() { return {}; }
};

}  // namespace harpy
