#include "decoder/silence_weighting.hpp"

#include <algorithm>

namespace harpy {

void weigh_silence(std::span<const std::int32_t> inputs, const FrameLabels& frame_labels,
                   const SilenceWeighting& weighting, std::vector<float>& weights) {
  weights.resize(inputs.size());
  for (std::size_t begin = 0; begin < inputs.size();) {
    std::size_t end = begin + 1;
    while (end < inputs.size() && inputs[end] == inputs[begin]) ++end;
    const bool lasts_long = weighting.max_state_frames > 0 &&
                            end - begin >= static_cast<std::size_t>(weighting.max_state_frames);
    const bool is_silence = lasts_long || frame_labels.is_silence(inputs[begin]);
    std::fill(weights.begin() + static_cast<std::ptrdiff_t>(begin),
              weights.begin() + static_cast<std::ptrdiff_t>(end),
              is_silence ? weighting.silence_weight : 1.0F);
    begin = end;
  }
}

}  // namespace harpy
