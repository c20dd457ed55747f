#include "acoustic/layers/layer_chain.hpp"

#include <string>
#include <utility>

namespace harpy {

void LayerChain::append(std::unique_ptr<Layer> layer) {
  const std::string prefix = std::to_string(layers_.size()) + ".";
  for (Parameter* parameter : layer->parameters()) parameter->name = prefix + parameter->name;
  for (Statistic* statistic : layer->statistics()) statistic->name = prefix + statistic->name;
  layers_.push_back(std::move(layer));
}

std::int64_t LayerChain::output_dim() const {
  return layers_.empty() ? input_dim_ : layers_.back()->output_dim();
}

std::int64_t LayerChain::subsampling() const {
  std::int64_t product = 1;
  for (const auto& layer : layers_) product *= layer->subsampling();
  return product;
}

FrameContext LayerChain::context() const {
  FrameContext total;
  std::int64_t rate = 1;  // input frames of the chain per input frame of the layer
  for (const auto& layer : layers_) {
    total.left += layer->context().left * rate;
    total.right += layer->context().right * rate;
    rate *= layer->subsampling();
  }
  return total;
}

std::int64_t LayerChain::output_frames(std::int64_t input_frames) const {
  for (const auto& layer : layers_) {
    input_frames = (input_frames + layer->subsampling() - 1) / layer->subsampling();
  }
  return input_frames;
}

void LayerChain::fix_statistics() {
  for (const auto& layer : layers_) layer->fix_statistics();
}

void LayerChain::begin_step(Backend& backend, std::int64_t step) {
  for (std::size_t i = frozen_count_; i < layers_.size(); ++i)
    layers_[i]->begin_step(backend, step);
}

void LayerChain::begin_microbatch(std::int64_t index) {
  for (std::size_t i = frozen_count_; i < layers_.size(); ++i) layers_[i]->begin_microbatch(index);
}

Tensor LayerChain::forward(Backend& backend, ConstTensorView x, ChainSaved* saved) const {
  if (saved != nullptr) *saved = {};
  if (layers_.empty()) return backend.copy_of(x);
  Tensor current;
  ConstTensorView input = x;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    SavedForwardPtr kept;
    const bool learns = i >= frozen_count_;
    Tensor y = layers_[i]->forward(backend, input, saved != nullptr && learns ? &kept : nullptr);
    if (saved != nullptr) {
      saved->saved.push_back(std::move(kept));
      if (i > 0) saved->outputs.push_back(learns ? std::move(current) : Tensor());
    }
    current = std::move(y);
    input = current;
  }
  return current;
}

Tensor LayerChain::backward(Backend& backend, ConstTensorView x, ConstTensorView y,
                            ConstTensorView dy, ChainSaved& saved, bool need_dx) {
  if (layers_.empty()) return need_dx ? backend.copy_of(dy) : Tensor();
  need_dx = need_dx && frozen_count_ == 0;
  Tensor gradient;
  ConstTensorView incoming = dy;
  for (std::size_t i = layers_.size(); i-- > frozen_count_;) {
    const BackwardInput input{.x = i > 0 ? saved.outputs[i - 1].view() : x,
                              .y = i + 1 < layers_.size() ? saved.outputs[i].view() : y,
                              .dy = incoming,
                              .saved = saved.saved[i].get(),
                              .need_dx = need_dx || i > frozen_count_};
    gradient = layers_[i]->backward(backend, input);
    incoming = gradient;
  }
  return gradient;
}

void LayerChain::lay_out_stream(StreamLayout& layout) const {
  for (const auto& layer : layers_) layer->lay_out_stream(layout);
}

Tensor LayerChain::forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const {
  if (layers_.empty()) return backend.copy_of(x);
  Tensor current;
  ConstTensorView input = x;
  for (const auto& layer : layers_) {
    current = layer->forward_block(backend, input, block);
    input = current;
  }
  return current;
}

void LayerChain::prepare_inference(Backend& backend) {
  std::vector<std::unique_ptr<Layer>> kept;
  for (std::unique_ptr<Layer>& layer : layers_) {
    const auto function = layer->column_function(backend);
    if (function && function->is_identity()) continue;
    if (function && !kept.empty() && kept.back()->absorb(backend, *function)) continue;
    kept.push_back(std::move(layer));
  }
  layers_ = std::move(kept);
  for (const auto& layer : layers_) layer->prepare_inference(backend);
}

std::optional<ColumnFunction> LayerChain::take_last_scaling(Backend& backend) {
  if (layers_.empty()) return {};
  auto function = layers_.back()->column_function(backend);
  if (!function || function->factor.empty() || function->has_relu) return {};
  layers_.pop_back();
  return function;
}

std::vector<Parameter*> LayerChain::parameters() { return parameters_from(0); }

std::vector<Parameter*> LayerChain::learning_parameters() { return parameters_from(frozen_count_); }

std::vector<Parameter*> LayerChain::parameters_from(std::size_t first) const {
  std::vector<Parameter*> all;
  for (std::size_t i = first; i < layers_.size(); ++i) {
    for (Parameter* parameter : layers_[i]->parameters()) all.push_back(parameter);
  }
  return all;
}

std::vector<Statistic*> LayerChain::statistics() { return statistics_from(0); }

std::vector<Statistic*> LayerChain::learning_statistics() { return statistics_from(frozen_count_); }

std::vector<Statistic*> LayerChain::statistics_from(std::size_t first) const {
  std::vector<Statistic*> all;
  for (std::size_t i = first; i < layers_.size(); ++i) {
    for (Statistic* statistic : layers_[i]->statistics()) all.push_back(statistic);
  }
  return all;
}

}  // namespace harpy
