#include "acoustic/layers/residual.hpp"

#include "acoustic/layers/delayed_block.hpp"

namespace harpy {
namespace {

struct ResidualSaved : SavedForward {
  ChainSaved branch;
  Tensor branch_output;
};

}  // namespace

Tensor Residual::forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const {
  if (saved == nullptr) {
    Tensor y = branch_.forward(backend, x, nullptr);
    backend.add_scaled(bypass_scale_, x, y);
    return y;
  }
  auto kept = std::make_unique<ResidualSaved>();
  kept->branch_output = branch_.forward(backend, x, &kept->branch);
  Tensor y = backend.copy_of(kept->branch_output);
  backend.add_scaled(bypass_scale_, x, y);
  *saved = std::move(kept);
  return y;
}

Tensor Residual::backward(Backend& backend, const BackwardInput& input) {
  auto& kept = static_cast<ResidualSaved&>(*input.saved);
  Tensor dx =
      branch_.backward(backend, input.x, kept.branch_output, input.dy, kept.branch, input.need_dx);
  if (input.need_dx) backend.add_scaled(bypass_scale_, input.dy, dx);
  return dx;
}

FrameQueue Residual::add_bypass(const BlockTime& input, StreamLayout& behind_branch) const {
  FrameQueue bypass = behind_branch.add_queue(behind_branch.time.delay - input.delay, input_dim());
  bypass.time = input;
  return bypass;
}

void Residual::lay_out_stream(StreamLayout& layout) const {
  const BlockTime input = layout.time;
  branch_.lay_out_stream(layout);
  add_bypass(input, layout);
}

Tensor Residual::forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const {
  const BlockTime input = block.layout.time;
  Tensor y = branch_.forward_block(backend, x, block);
  const FrameQueue bypass = add_bypass(input, block.layout);
  if (bypass.frame_count == 0) {
    backend.add_scaled(bypass_scale_, x, y);
    return y;
  }
  backend.add_scaled(bypass_scale_, delayed_block(backend, bypass, block.slots, x), y);
  return y;
}

}  // namespace harpy
