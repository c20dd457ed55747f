#pragma once

#include "acoustic/backend/backend.hpp"

namespace harpy {

/// The block `delay.frame_count` frames before x: its frames are the last ones of those that the
/// queue keeps and the first ones of x, of which it keeps the others. For branches that lag behind
/// less than those they are joined with.
/// Shapes: x [streams, block_frames, dim], the result too.
Tensor delayed_block(Backend& backend, const FrameQueue& delay, const StreamSlot* slots,
                     ConstTensorView x);

}  // namespace harpy
