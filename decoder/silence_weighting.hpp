#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/graph/topology.hpp"

namespace harpy {

/// How much frames count in estimates of a speaker: silence says little of a voice (the scheme of
/// Kaldi's OnlineSilenceWeighting).
struct SilenceWeighting {
  float silence_weight = 1.0F;  ///< of a frame in which nobody speaks; of others it is 1
  /// A state that lasts so many frames or more is silence too, as of a hesitation; 0: it is not.
  std::int32_t max_state_frames = 0;

  /// Frames at the end of a path whose weights may still change; where states count, the frames
  /// before them too that tell how long a state has lasted.
  std::int64_t frames_looked_at() const { return 100 + std::int64_t{max_state_frames}; }
};

/// Weighs consecutive frames of a path. Shapes: inputs [frames], of the path's arcs, 0 where a
/// frame has none and nobody speaks; weights becomes [frames].
void weigh_silence(std::span<const std::int32_t> inputs, const FrameLabels& frame_labels,
                   const SilenceWeighting& weighting, std::vector<float>& weights);

}  // namespace harpy
