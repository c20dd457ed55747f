#include "acoustic/layers/sum.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "acoustic/layers/delayed_block.hpp"

namespace harpy {
namespace {

struct SumSaved : SavedForward {
  std::vector<ChainSaved> branches;
  std::vector<Tensor> outputs;  ///< of the branches
};

/// What streaming through a branch gives, and how long it must wait for the slowest one.
struct BranchTime {
  BlockTime time;
  FrameQueue delay;
};

/// Lays out the branches one after the other, each from the layout's time on, then their delays;
/// leaves the time of the slowest.
std::vector<BranchTime> lay_out(const std::vector<LayerChain>& branches, StreamLayout& layout) {
  const BlockTime input = layout.time;
  std::vector<BranchTime> times;
  BlockTime slowest;
  for (const LayerChain& branch : branches) {
    layout.time = input;
    branch.lay_out_stream(layout);
    if (times.empty() || layout.time.delay > slowest.delay) slowest = layout.time;
    times.push_back({.time = layout.time, .delay = {}});
  }
  for (std::size_t i = 0; i < branches.size(); ++i) {
    layout.time = times[i].time;
    times[i].delay =
        layout.add_queue(slowest.delay - times[i].time.delay, branches[i].output_dim());
  }
  layout.time = slowest;
  return times;
}

}  // namespace

Sum::Sum(std::vector<LayerChain> branches, float last_scale)
    : branches_(std::move(branches)), last_scale_(last_scale) {
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    const std::string prefix = std::to_string(i) + ".";
    for (Parameter* parameter : branches_[i].parameters()) {
      parameter->name = prefix + parameter->name;
    }
    for (Statistic* statistic : branches_[i].statistics()) {
      statistic->name = prefix + statistic->name;
    }
  }
}

FrameContext Sum::context() const {
  FrameContext widest;
  for (const LayerChain& branch : branches_) {
    widest.left = std::max(widest.left, branch.context().left);
    widest.right = std::max(widest.right, branch.context().right);
  }
  return widest;
}

void Sum::fix_statistics() {
  for (LayerChain& branch : branches_) branch.fix_statistics();
}

void Sum::begin_step(Backend& backend, std::int64_t step) {
  for (LayerChain& branch : branches_) branch.begin_step(backend, step);
}

void Sum::begin_microbatch(std::int64_t index) {
  for (LayerChain& branch : branches_) branch.begin_microbatch(index);
}

Tensor Sum::forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const {
  auto kept = std::make_unique<SumSaved>();
  kept->branches.resize(branches_.size());
  Tensor y;
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    Tensor output = branches_[i].forward(backend, x, saved ? &kept->branches[i] : nullptr);
    if (saved != nullptr) kept->outputs.push_back(backend.copy_of(output));
    if (i > 0) {
      backend.add_scaled(scale(i), output, y);
    } else {
      y = std::move(output);
      if (scale(i) != 1.0F) backend.scale(scale(i), y);
    }
  }
  if (saved != nullptr) *saved = std::move(kept);
  return y;
}

Tensor Sum::backward(Backend& backend, const BackwardInput& input) {
  auto& kept = static_cast<SumSaved&>(*input.saved);
  Tensor dx;
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    Tensor dy = backend.copy_of(input.dy);
    if (scale(i) != 1.0F) backend.scale(scale(i), dy);
    Tensor gradient = branches_[i].backward(backend, input.x, kept.outputs[i], dy, kept.branches[i],
                                            input.need_dx);
    if (!input.need_dx) continue;
    if (i > 0) {
      backend.add_scaled(1.0F, gradient, dx);
    } else {
      dx = std::move(gradient);
    }
  }
  return dx;
}

void Sum::lay_out_stream(StreamLayout& layout) const { lay_out(branches_, layout); }

Tensor Sum::forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const {
  StreamBlock entered = block;
  const std::vector<BranchTime> times = lay_out(branches_, block.layout);
  const BlockTime input = entered.layout.time;
  Tensor y;
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    entered.layout.time = input;
    Tensor output = branches_[i].forward_block(backend, x, entered);
    if (times[i].delay.frame_count > 0) {
      output = delayed_block(backend, times[i].delay, block.slots, output);
    }
    if (i > 0) {
      backend.add_scaled(scale(i), output, y);
    } else {
      y = std::move(output);
      if (scale(i) != 1.0F) backend.scale(scale(i), y);
    }
  }
  return y;
}

void Sum::prepare_inference(Backend& backend) {
  for (LayerChain& branch : branches_) branch.prepare_inference(backend);
}

std::vector<Parameter*> Sum::parameters() {
  std::vector<Parameter*> all;
  for (LayerChain& branch : branches_)
    std::ranges::copy(branch.parameters(), std::back_inserter(all));
  return all;
}

std::vector<Statistic*> Sum::statistics() {
  std::vector<Statistic*> all;
  for (LayerChain& branch : branches_)
    std::ranges::copy(branch.statistics(), std::back_inserter(all));
  return all;
}

}  // namespace harpy
