#pragma once

#include <memory>
#include <vector>

#include "acoustic/layers/layer.hpp"

namespace harpy {

/// What a chain of layers keeps from forward for backward: the output of each layer but the last,
/// which the caller has, and each layer's saved state. Of frozen layers only the last one's output
/// is kept.
struct ChainSaved {
  std::vector<Tensor> outputs;
  std::vector<SavedForwardPtr> saved;
};

/// Layers one after the other; without layers, the identity. Shapes and streaming are those of
/// Layer. Parameters and statistics are renamed to "<layer index>.<name within the layer>".
class LayerChain {
 public:
  explicit LayerChain(std::int64_t input_dim) : input_dim_(input_dim) {}

  void append(std::unique_ptr<Layer> layer);

  std::size_t layer_count() const { return layers_.size(); }
  /// The first `count` layers learn no more: in training too they compute as in inference, and keep
  /// weights and statistics.
  void freeze(std::size_t count) { frozen_count_ = count; }
  bool is_frozen() const { return frozen_count_ == layers_.size(); }

  std::int64_t input_dim() const { return input_dim_; }
  std::int64_t output_dim() const;
  std::int64_t subsampling() const;
  FrameContext context() const;
  std::int64_t output_frames(std::int64_t input_frames) const;

  void fix_statistics();
  void begin_step(Backend& backend, std::int64_t step);
  void begin_microbatch(std::int64_t index);
  Tensor forward(Backend& backend, ConstTensorView x, ChainSaved* saved) const;
  /// x, y: input and output of the chain. Returns dx, empty unless needed and no layer is frozen.
  Tensor backward(Backend& backend, ConstTensorView x, ConstTensorView y, ConstTensorView dy,
                  ChainSaved& saved, bool need_dx);
  void lay_out_stream(StreamLayout& layout) const;
  Tensor forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const;

  /// Prepares the layers for inference. Layers whose function the layer before can absorb, or that
  /// do nothing, are gone; the chain computes the same and learns no more.
  void prepare_inference(Backend& backend);
  /// Takes the last layer away if all it does is to scale and to shift columns, and returns what it
  /// did.
  std::optional<ColumnFunction> take_last_scaling(Backend& backend);

  std::vector<Parameter*> parameters();
  /// Those of the layers that are not frozen.
  std::vector<Parameter*> learning_parameters();
  std::vector<Statistic*> statistics();
  std::vector<Statistic*> learning_statistics();

 private:
  std::vector<Parameter*> parameters_from(std::size_t first) const;
  std::vector<Statistic*> statistics_from(std::size_t first) const;

  std::int64_t input_dim_;
  std::size_t frozen_count_ = 0;
  std::vector<std::unique_ptr<Layer>> layers_;
};

}  // namespace harpy
