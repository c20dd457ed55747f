#pragma once

#include <cstdint>
#include <limits>

namespace harpy {

/// The stream whose block stands in one row of a batch; by default the row is empty. Slots lie in
/// the memory of the backend's device.
struct StreamSlot {
  /// The frame count of a stream whose end is not known yet.
  static constexpr std::int64_t kEndless = std::numeric_limits<std::int64_t>::max() / 2;

  float* state = nullptr;        ///< the frames that the network keeps of the stream
  std::int64_t block = 0;        ///< number of the block, counted from the stream's start
  std::int64_t frame_count = 0;  ///< input frames of the whole stream
};

/// Which frames the blocks hold at some point of a network: frame t of block n is frame
/// n * block_frames - delay + t of the stream, counted at the rate of that point.
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

/// The last frames before a block, which each stream's state keeps. The state of a new stream need
/// not be set: frames before a stream's start are never read from it.
struct FrameQueue {
  std::int64_t offset = 0;       ///< in the state
  std::int64_t frame_count = 0;  ///< frames that are kept
  BlockTime time;                ///< of the block
};

}  // namespace harpy
