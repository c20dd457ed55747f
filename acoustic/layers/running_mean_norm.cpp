#include "acoustic/layers/running_mean_norm.hpp"

namespace harpy {

RunningMeanNorm::RunningMeanNorm(LayerFields& fields, std::int64_t dim)
    : dim_(dim), memory_frames_(fields.integer("memory_frames", 1, 500)) {
  mean_.prior_frames = static_cast<float>(fields.integer("prior_frames", 1, 100));
  mean_.decay = 1.0F - 1.0F / static_cast<float>(memory_frames_);
}

Tensor RunningMeanNorm::forward(Backend& backend, ConstTensorView x, SavedForwardPtr*) const {
  Tensor y = backend.empty(x.shape);
  backend.subtract_running_mean(mean_, x, y);
  return y;
}

Tensor RunningMeanNorm::backward(Backend& backend, const BackwardInput& input) {
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.dy.shape);
  backend.subtract_running_mean_backward(mean_, input.dy, dx);
  return dx;
}

Tensor RunningMeanNorm::forward_block(Backend& backend, ConstTensorView x,
                                      StreamBlock& block) const {
  const FrameQueue queue = enter(block.layout);
  Tensor y = backend.empty(x.shape);
  backend.subtract_running_mean_of_streams(mean_, queue, block.slots, x, y);
  return y;
}

}  // namespace harpy
