#include "acoustic/layers/residual.hpp"

#include <utility>

#include "acoustic/layers/delayed_block.hpp"

namespace harpy {
namespace {

struct ResidualSaved : SavedForward {
  ChainSaved branch;
  Tensor branch_output;
};

}  // namespace

void Residual::prepare_inference(Backend& backend) {
  branch_.prepare_inference(backend);
  auto end = branch_.take_last_scaling(backend);
  if (end) end_ = std::move(*end);
}

void Residual::add_bypass(Backend& backend, ConstTensorView x, TensorView y) const {
  if (end_.is_identity()) return backend.add_scaled(bypass_scale_, x, y);
  const std::int64_t channels = end_.factor.size();
  const Shape channel_rows{y.size() / channels, channels};
  backend.scale_shift_and_add(end_.factor, end_.offset, bypass_scale_, reshaped(x, channel_rows),
                              reshaped(y, channel_rows));
}

Tensor Residual::forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const {
  if (saved == nullptr) {
    Tensor y = branch_.forward(backend, x, nullptr);
    add_bypass(backend, x, y);
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

FrameQueue Residual::lay_out_bypass(const BlockTime& input, StreamLayout& behind_branch) const {
  FrameQueue bypass = behind_branch.add_queue(behind_branch.time.delay - input.delay, input_dim());
  bypass.time = input;
  return bypass;
}

void Residual::lay_out_stream(StreamLayout& layout) const {
  const BlockTime input = layout.time;
  branch_.lay_out_stream(layout);
  lay_out_bypass(input, layout);
}

Tensor Residual::forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const {
  const BlockTime input = block.layout.time;
  Tensor y = branch_.forward_block(backend, x, block);
  const FrameQueue bypass = lay_out_bypass(input, block.layout);
  if (bypass.frame_count == 0) {
    add_bypass(backend, x, y);
  } else {
    add_bypass(backend, delayed_block(backend, bypass, block.slots, x), y);
  }
  return y;
}

}  // namespace harpy
