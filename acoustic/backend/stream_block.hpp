#pragma once

#include <cstdint>
#include <limits>

namespace harpy {

/// A stream as one row of a batch of blocks sees it; by default a row that no stream has. Lies
/// where the backend works.
struct StreamSlot {
  /// In place of a frame count that is not known yet.
  static constexpr std::int64_t kEndless = std::numeric_limits<std::int64_t>::max() / 2;

  float* state = nullptr;        ///< the frames that the network keeps of the stream
  std::int64_t block = 0;        ///< number of the block, counted from the stream's start
  std::int64_t frame_count = 0;  ///< input frames of the whole stream
};

/// Where in time the blocks of frames are that pass through a point of a network: frame t of block
/// n is frame n * block_frames - delay + t there.
struct BlockTime {
  std::int64_t block_frames = 1;
  std::int64_t delay = 0;  ///< frames by which a block lags behind what has come in
  std::int64_t rate = 1;   ///< input frames of the network per frame

  /// Whether frame t of the slot's block is one of the stream's ceil(frame_count / rate) frames.
  constexpr bool has_frame(const StreamSlot& slot, std::int64_t t) const {
    const std::int64_t frame = slot.block * block_frames - delay + t;
    return frame >= 0 && frame < (slot.frame_count + rate - 1) / rate;
  }
};

/// The last frames before a block, kept in each stream's state. What is kept of a new stream does
/// not matter: none of it has been.
struct FrameQueue {
  std::int64_t offset = 0;       ///< in the state
  std::int64_t frame_count = 0;  ///< kept
  BlockTime time;                ///< of the block
};

}  // namespace harpy
