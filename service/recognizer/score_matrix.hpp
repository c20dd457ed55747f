#pragma once

#include <cstdint>
#include <vector>

namespace harpy {

/// What a network made of one utterance: a row a frame, a value for each of its outputs.
struct ScoreMatrix {
  std::int64_t frame_count = 0;
  std::int64_t column_count = 0;
  std::vector<float> values;  ///< [frame_count, column_count], natural logarithms
};

}  // namespace harpy
