#include "acoustic/layers/residual.hpp"

#include "acoustic/layers/frame_queue.hpp"

namespace harpy {
namespace {

struct ResidualSaved : SavedForward {
  ChainSaved branch;
  Tensor branch_output;
};

struct ResidualState : LayerState {
  ResidualState(std::int64_t dim, ChainState branch_state)
      : bypass(dim), branch(std::move(branch_state)) {}

  FrameQueue bypass;  ///< input frames whose branch output is still to come
  ChainState branch;
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

std::unique_ptr<LayerState> Residual::open_stream(Backend& backend) const {
  return std::make_unique<ResidualState>(input_dim(), branch_.open_stream(backend));
}

Tensor Residual::forward_stream(Backend& backend, ConstTensorView x, LayerState* state,
                                bool last) const {
  auto& stream = static_cast<ResidualState&>(*state);
  stream.bypass.append(backend, x);
  Tensor y = branch_.forward_stream(backend, x, stream.branch, last);
  const std::int64_t frames = y.shape()[1];
  backend.add_scaled(bypass_scale_, slice_rows(stream.bypass.view(), 0, frames),
                     slice_rows(y.view(), 0, frames));
  stream.bypass.drop(backend, frames);
  return y;
}

}  // namespace harpy
