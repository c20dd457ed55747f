#pragma once

#include <cstdint>

#include "acoustic/backend/stream_block.hpp"

namespace harpy {

/// How streams pass through a network block by block, up to some point of it.
struct StreamLayout {
  BlockTime time;               ///< of the blocks at this point
  std::int64_t state_size = 0;  ///< values kept of a stream by the layers before it

  /// A further queue of frames before the blocks of this point.
  FrameQueue add_queue(std::int64_t frame_count, std::int64_t dim) {
    const FrameQueue queue{state_size, frame_count, time};
    state_size += frame_count * dim;
    return queue;
  }
};

/// A batch of streams' blocks on their way through a network.
struct StreamBlock {
  const StreamSlot* slots = nullptr;  ///< a row each, see Backend::push_frames
  StreamLayout layout;                ///< up to where they are
};

}  // namespace harpy
