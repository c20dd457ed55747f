#pragma once

#include <cstdint>

#include "acoustic/backend/stream_block.hpp"

namespace harpy {

/// How streams pass through a network block by block, up to some point of it.
struct StreamLayout {
  BlockTime time;               ///< of the blocks at this point
  std::int64_t state_size = 0;  ///< values kept of a stream by the layers before it

  /// Makes room in the state for a queue that keeps the last frames before the blocks of this
  /// point.
  FrameQueue add_queue(std::int64_t frame_count, std::int64_t dim) {
    const FrameQueue queue{state_size, frame_count, time};
    state_size += frame_count * dim;
    return queue;
  }
};

/// The blocks of a batch of streams on their way through a network.
struct StreamBlock {
  const StreamSlot* slots = nullptr;  ///< one for each row, see Backend::push_frames
  StreamLayout layout;                ///< of the point that the blocks have reached
};

}  // namespace harpy
