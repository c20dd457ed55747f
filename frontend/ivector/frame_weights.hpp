#pragma once

#include <cstdint>
#include <vector>

namespace harpy {

/// How much frames of a stream count, as far as is known by now: one value for a frame of the
/// search, which stands for as many frames of features as the network takes for it.
struct FrameWeights {
  std::int64_t first_frame = 0;  ///< of the search, from the stream's start, that values[0] is of
  std::vector<float> values;     ///< at least one; frames behind them count as the last of them
};

}  // namespace harpy
