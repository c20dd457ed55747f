#include "acoustic/network.hpp"

#include <algorithm>
#include <boost/json/value.hpp>
#include <stdexcept>
#include <utility>

#include "acoustic/backend/random_bits.hpp"
#include "acoustic/layers/layer_factory.hpp"
#include "acoustic/layers/layer_fields.hpp"

namespace harpy {
namespace {

std::vector<NamedTensor> named_tensors(const std::string& owner,
                                       const std::vector<Parameter*>& parameters,
                                       const std::vector<Statistic*>& statistics) {
  std::vector<NamedTensor> all;
  all.reserve(parameters.size() + statistics.size());
  for (Parameter* parameter : parameters) {
    all.push_back({owner + "." + parameter->name, &parameter->value});
  }
  for (Statistic* statistic : statistics) {
    all.push_back({owner + "." + statistic->name, &statistic->value});
  }
  return all;
}

}  // namespace

Network::Network(Backend& backend, boost::json::object description, std::uint64_t seed)
    : description_(std::move(description)), trunk_(0) {
  LayerFields fields("network", description_);
  const std::int64_t input_dim = fields.integer("input_dim", 1);
  trunk_ = create_chain(backend, fields.array("trunk"),
                        {.path = "trunk", .input_dim = input_dim, .seed = random_bits(seed, 0)});
  const boost::json::object& heads = fields.object("heads");
  if (heads.empty()) fields.refuse("heads", "at least one head");
  fields.refuse_others();

  for (const auto& [name, layers] : heads) heads_.push_back({std::string(name), LayerChain(0)});
  std::sort(heads_.begin(), heads_.end(),
            [](const Head& a, const Head& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    Head& head = heads_[i];
    LayerFields head_fields("heads", heads);
    head.layers = create_chain(backend, head_fields.array(head.name),
                               {.path = "heads." + head.name,
                                .input_dim = trunk_.output_dim(),
                                .seed = random_bits(seed, i + 1)});
    if (head.name == "trunk") head_fields.refuse(head.name, "a name other than trunk");
    if (head.layers.subsampling() != 1) head_fields.refuse(head.name, "layers without subsampling");
  }
}

std::int64_t Network::subsampling() const { return trunk_.subsampling(); }

std::int64_t Network::output_frames(std::int64_t input_frames) const {
  return trunk_.output_frames(input_frames);
}

FrameContext Network::context() const {
  FrameContext largest;
  for (const Head& head : heads_) {
    const FrameContext own = head.layers.context();
    largest.left = std::max(largest.left, own.left);
    largest.right = std::max(largest.right, own.right);
  }
  const FrameContext trunk = trunk_.context();
  return {trunk.left + largest.left * subsampling(), trunk.right + largest.right * subsampling()};
}

std::vector<std::string> Network::head_names() const {
  std::vector<std::string> names;
  for (const Head& head : heads_) names.push_back(head.name);
  return names;
}

const LayerChain& Network::head(std::size_t index) const {
  if (index >= heads_.size()) {
    throw std::invalid_argument("network: expected a head below " + std::to_string(heads_.size()) +
                                ", got " + std::to_string(index));
  }
  return heads_[index].layers;
}

std::int64_t Network::head_dim(std::size_t index) const { return head(index).output_dim(); }

std::int64_t Network::parameter_count() {
  std::int64_t count = 0;
  for (const Parameter* parameter : parameters()) count += parameter->value.size();
  return count;
}

void Network::check_input(ConstTensorView x) const {
  if (x.shape.rank() != 3 || x.dim() != input_dim()) {
    throw std::invalid_argument("network: expected input [sequences, frames, " +
                                std::to_string(input_dim()) + "], got " + to_string(x.shape));
  }
}

void Network::freeze_trunk(std::int64_t count) {
  if (count < 0 || count > trunk_layer_count()) {
    throw std::invalid_argument("network: expected 0 to " + std::to_string(trunk_layer_count()) +
                                " layers of the trunk to freeze, got " + std::to_string(count));
  }
  trunk_.freeze(static_cast<std::size_t>(count));
}

void Network::fix_statistics() {
  trunk_.fix_statistics();
  for (Head& head : heads_) head.layers.fix_statistics();
}

void Network::begin_step(Backend& backend, std::int64_t step) {
  trunk_.begin_step(backend, step);
  for (Head& head : heads_) head.layers.begin_step(backend, step);
}

void Network::begin_microbatch(std::int64_t index) {
  trunk_.begin_microbatch(index);
  for (Head& head : heads_) head.layers.begin_microbatch(index);
}

std::vector<Tensor> Network::forward(Backend& backend, ConstTensorView x,
                                     NetworkSaved* saved) const {
  check_input(x);
  std::vector<Tensor> outputs;
  if (saved == nullptr) {
    const Tensor trunk_output = trunk_.forward(backend, x, nullptr);
    for (const Head& head : heads_) {
      outputs.push_back(head.layers.forward(backend, trunk_output, nullptr));
    }
    return outputs;
  }
  require_trainable();
  *saved = {};
  saved->input = backend.copy_of(x);
  saved->trunk_output = trunk_.forward(backend, saved->input, &saved->trunk);
  saved->heads.resize(heads_.size());
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    outputs.push_back(heads_[i].layers.forward(backend, saved->trunk_output, &saved->heads[i]));
    saved->head_outputs.push_back(backend.copy_of(outputs.back()));
  }
  return outputs;
}

void Network::backward(Backend& backend, const std::vector<Tensor>& head_gradients,
                       NetworkSaved& saved) {
  if (head_gradients.size() != heads_.size() || saved.heads.size() != heads_.size()) {
    throw std::invalid_argument("Network::backward: expected gradients and saved state of " +
                                std::to_string(heads_.size()) + " heads, got " +
                                std::to_string(head_gradients.size()) + " and " +
                                std::to_string(saved.heads.size()));
  }
  Tensor trunk_gradient;
  const bool trunk_learns = !trunk_.is_frozen();
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    Tensor gradient = heads_[i].layers.backward(backend, saved.trunk_output, saved.head_outputs[i],
                                                head_gradients[i], saved.heads[i], trunk_learns);
    if (!trunk_learns) continue;
    if (i == 0) {
      trunk_gradient = std::move(gradient);
    } else {
      backend.add_scaled(1.0F, gradient, trunk_gradient);
    }
  }
  if (!trunk_learns) return;
  trunk_.backward(backend, saved.input, saved.trunk_output, trunk_gradient, saved.trunk, false);
}

StreamLayout Network::stream_layout(std::size_t head_index, std::int64_t block_frames) const {
  StreamLayout layout{.time = {.block_frames = block_frames}};
  trunk_.lay_out_stream(layout);
  head(head_index).lay_out_stream(layout);
  return layout;
}

Tensor Network::forward_block(Backend& backend, std::size_t head_index, ConstTensorView x,
                              const StreamSlot* slots) const {
  check_input(x);
  StreamBlock block{slots, {.time = {.block_frames = x.shape[1]}}};
  const Tensor trunk_output = trunk_.forward_block(backend, x, block);
  return head(head_index).forward_block(backend, trunk_output, block);
}

void Network::prepare_inference(Backend& backend) {
  require_trainable();
  is_for_inference_ = true;
  trunk_.prepare_inference(backend);
  for (Head& head : heads_) head.layers.prepare_inference(backend);
}

void Network::require_trainable() const {
  if (is_for_inference_) throw std::logic_error("network: it is prepared for inference alone");
}

void Network::prepare_training(Backend& backend) {
  require_trainable();
  for (Parameter* parameter : learning_parameters()) {
    parameter->gradient = backend.zeros(parameter->value.shape());
  }
}

void Network::zero_gradients(Backend& backend) {
  for (Parameter* parameter : learning_parameters()) backend.fill(0.0F, parameter->gradient);
}

std::vector<Parameter*> Network::parameters() { return and_of_heads(trunk_.parameters()); }

std::vector<Parameter*> Network::learning_parameters() {
  return and_of_heads(trunk_.learning_parameters());
}

std::vector<Parameter*> Network::and_of_heads(std::vector<Parameter*> of_trunk) {
  for (Head& head : heads_) {
    for (Parameter* parameter : head.layers.parameters()) of_trunk.push_back(parameter);
  }
  return of_trunk;
}

std::vector<NamedTensor> Network::tensors() {
  return and_of_heads(named_tensors("trunk", trunk_.parameters(), trunk_.statistics()));
}

std::vector<NamedTensor> Network::learning_tensors() {
  return and_of_heads(
      named_tensors("trunk", trunk_.learning_parameters(), trunk_.learning_statistics()));
}

std::vector<Statistic*> Network::learning_statistics() {
  std::vector<Statistic*> all = trunk_.learning_statistics();
  for (Head& head : heads_) {
    for (Statistic* statistic : head.layers.statistics()) all.push_back(statistic);
  }
  return all;
}

std::vector<NamedTensor> Network::and_of_heads(std::vector<NamedTensor> of_trunk) {
  for (Head& head : heads_) {
    const std::vector<NamedTensor> own =
        named_tensors(head.name, head.layers.parameters(), head.layers.statistics());
    of_trunk.insert(of_trunk.end(), own.begin(), own.end());
  }
  return of_trunk;
}

}  // namespace harpy
