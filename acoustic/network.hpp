#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "acoustic/layers/layer_chain.hpp"

namespace harpy {

/// A value of a network by its full name, "trunk.3.weight" or "ctc.0.bias".
struct NamedTensor {
  std::string name;
  Tensor* tensor = nullptr;
};

/// What a network keeps from forward for backward.
struct NetworkSaved {
  Tensor input;
  ChainSaved trunk;
  Tensor trunk_output;
  std::vector<ChainSaved> heads;
  std::vector<Tensor> head_outputs;
};

/// A trunk of layers with named heads on its output.
///
/// Described in JSON (docs/formats.md): {"input_dim": 80, "trunk": [{"type": "convolution",
/// "output_dim": 256, "kernel": 3, ...}, ...], "heads": {"ctc": [{"type": "linear", "output_dim":
/// 42}, {"type": "log_softmax"}]}}. Threads: const methods from any thread, each with its own
/// backend of one device.
class Network {
 public:
  /// Builds the layers with random weights drawn from `seed`.
  /// Errors: std::invalid_argument naming the layer and field that is missing, unknown or
  /// impossible.
  Network(Backend& backend, boost::json::object description, std::uint64_t seed);

  const boost::json::object& description() const { return description_; }
  std::int64_t input_dim() const { return trunk_.input_dim(); }
  /// Input frames per output frame, the same for all heads.
  std::int64_t subsampling() const;
  /// ceil(frames / subsampling), layer by layer.
  std::int64_t output_frames(std::int64_t input_frames) const;
  /// Context in input frames, the largest of all heads.
  FrameContext context() const;
  /// Heads are ordered by name.
  std::vector<std::string> head_names() const;
  std::int64_t head_dim(std::size_t head) const;
  std::int64_t parameter_count();

  /// The layers of the trunk.
  std::int64_t trunk_layer_count() const { return static_cast<std::int64_t>(trunk_.layer_count()); }
  /// Keeps the first `count` layers of the trunk as they are, weights and statistics: in training
  /// too they compute as in inference, and cost only that.
  /// Errors: std::invalid_argument unless the trunk has so many.
  void freeze_trunk(std::int64_t count);

  /// From now on batch norms use their running statistics in training too, and do not change them:
  /// the network that is trained is the one that recognises, whatever is in a minibatch.
  void fix_statistics();
  /// Prepares a training step, before its forward: draws the dropout of this step and applies the
  /// layers' constraints on their weights. Steps count from 1 and go on after a resume; without
  /// this call every forward in training drops the same values.
  void begin_step(Backend& backend, std::int64_t step);
  /// Prepares microbatch `index` (from 0) of the step, before its forward: its dropout is its own.
  void begin_microbatch(std::int64_t index);
  /// Returns one output for each head. In training `saved` receives what backward needs; null means
  /// inference. Shapes: x [B, T, input_dim] -> [B, output_frames(T), head_dim].
  std::vector<Tensor> forward(Backend& backend, ConstTensorView x, NetworkSaved* saved) const;
  /// Adds to the gradients of all parameters that learn. Call prepare_training first.
  void backward(Backend& backend, const std::vector<Tensor>& head_gradients, NetworkSaved& saved);

  /// Describes streaming through the trunk and one head in blocks of `block_frames` input frames:
  /// which frames the blocks that come out hold, and how large a stream's state is.
  /// Errors: std::invalid_argument if blocks are no multiple of the subsampling.
  StreamLayout stream_layout(std::size_t head, std::int64_t block_frames) const;
  /// Computes the next block of each stream. Frames outside a stream have no meaning, neither in x
  /// nor in the result. The stream's own frames are those that forward gives for the whole
  /// utterance, up to 1e-5. Shapes: x [streams, block_frames, input_dim], slots [streams] ->
  /// [streams, block_frames / subsampling, head_dim].
  Tensor forward_block(Backend& backend, std::size_t head, ConstTensorView x,
                       const StreamSlot* slots) const;

  /// Prepares the network for inference alone: batch norms and relus become parts of the layers
  /// before them where that is the same function, what remains of them is computed once, dropout is
  /// gone, and weights are rounded to the backend's precision once. Outputs stay the same up to
  /// rounding. From then on forward and forward_block are all that may be called, by backends of
  /// this device. Errors: std::logic_error of what would train it.
  void prepare_inference(Backend& backend);

  /// Gives every parameter that learns a zeroed gradient.
  void prepare_training(Backend& backend);
  void zero_gradients(Backend& backend);
  std::vector<Parameter*> parameters();
  /// Those of the layers that are not frozen, in the same order.
  std::vector<Parameter*> learning_parameters();
  /// Parameters and statistics, in a fixed order: what a network file holds.
  std::vector<NamedTensor> tensors();
  /// Those of the layers that are not frozen: what training changes.
  std::vector<NamedTensor> learning_tensors();
  /// What of these is not learnt by gradient.
  std::vector<Statistic*> learning_statistics();

 private:
  struct Head {
    std::string name;
    LayerChain layers;
  };

  std::vector<Parameter*> and_of_heads(std::vector<Parameter*> of_trunk);
  std::vector<NamedTensor> and_of_heads(std::vector<NamedTensor> of_trunk);
  const LayerChain& head(std::size_t index) const;
  void check_input(ConstTensorView x) const;
  void require_trainable() const;

  boost::json::object description_;
  LayerChain trunk_;
  std::vector<Head> heads_;  ///< ordered by name
  bool is_for_inference_ = false;
};

}  // namespace harpy
