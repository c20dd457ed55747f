#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "acoustic/layers/layer.hpp"

namespace harpy {

/// A value of a network by its full name, "trunk.3.weight" or "ctc.0.bias".
struct NamedTensor {
  std::string name;
  Tensor* tensor = nullptr;
};

/// What a chain of layers keeps from forward for backward: each layer's output and saved state.
struct ChainSaved {
  std::vector<Tensor> outputs;
  std::vector<SavedForwardPtr> saved;
};

/// What a network keeps from forward for backward.
struct NetworkSaved {
  Tensor input;
  ChainSaved trunk;
  std::vector<ChainSaved> heads;
};

/// State of one stream through a network.
class NetworkState;

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
  Network(Backend& backend, const boost::json::object& description, std::uint64_t seed);
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  ~Network();

  const boost::json::object& description() const { return description_; }
  std::int64_t input_dim() const { return input_dim_; }
  /// Input frames per output frame.
  std::int64_t subsampling() const;
  /// ceil(frames / subsampling), layer by layer.
  std::int64_t output_frames(std::int64_t input_frames) const;
  /// Context in input frames.
  FrameContext context() const;
  /// Heads are ordered by name.
  std::vector<std::string> head_names() const;
  std::int64_t head_dim(std::size_t head) const;
  std::int64_t parameter_count();

  /// One output a head. Shapes: x [B, T, input_dim] -> [B, output_frames(T), head_dim].
  /// `saved` null: inference.
  std::vector<Tensor> forward(Backend& backend, ConstTensorView x, NetworkSaved* saved) const;
  /// Adds to the gradients of all parameters. Call prepare_training first.
  void backward(Backend& backend, const std::vector<Tensor>& head_gradients, NetworkSaved& saved);

  /// Streaming through the trunk and one head: the output frames that become computable with x
  /// [1, frames, input_dim]. Law: streamed in any blocks = whole utterance (1e-5).
  std::unique_ptr<NetworkState> open_stream(Backend& backend, std::size_t head) const;
  Tensor forward_stream(Backend& backend, ConstTensorView x, NetworkState& state, bool last) const;

  /// Gives every parameter a zeroed gradient.
  void prepare_training(Backend& backend);
  void zero_gradients(Backend& backend);
  std::vector<Parameter*> parameters();
  /// Parameters and statistics, in a fixed order: what a network file holds.
  std::vector<NamedTensor> tensors();

 private:
  using Layers = std::vector<std::unique_ptr<Layer>>;

  boost::json::object description_;
  std::int64_t input_dim_ = 0;
  Layers trunk_;
  std::map<std::string, Layers> heads_;
};

}  // namespace harpy
