#include "decoder/silence_weighting.hpp"

#include <algorithm>

namespace harpy {

void weigh_silence(std::span<const std::int32_t> inputs, const FrameLabels& frame_labels,
                   float silence_weight, std::vector<float>& weights) {
  weights.resize(inputs.size());
  std::ranges::transform(inputs, weights.begin(), [&](std::int32_t input) {
    return frame_labels.is_silence(input) ? silence_weight : 1.0F;
  });
}

}  // namespace harpy
