#include "acoustic/layers/delayed_block.hpp"

namespace harpy {

Tensor delayed_block(Backend& backend, const FrameQueue& delay, const StreamSlot* slots,
                     ConstTensorView x) {
  Tensor joined = backend.empty({x.shape[0], delay.frame_count + x.shape[1], x.dim()});
  backend.push_frames(delay, slots, 0.0F, x, joined);
  Tensor delayed = backend.empty(x.shape);
  backend.unfold(joined, TimeWindow{}, delayed);  // the first frames
  return delayed;
}

}  // namespace harpy
