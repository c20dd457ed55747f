#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/graph/topology.hpp"

namespace harpy {

/// Frames at the end of a path whose weights may still change.
inline constexpr std::int64_t kReweighedPathFrames = 100;

/// Weighs consecutive frames of a path for estimates of a speaker: silence says little of a voice
/// (the scheme of Kaldi's OnlineSilenceWeighting). A frame in which nobody speaks gets
/// silence_weight, others 1. Shapes: inputs [frames], of the path's arcs, 0 where a frame has none
/// and nobody speaks; weights becomes [frames].
void weigh_silence(std::span<const std::int32_t> inputs, const FrameLabels& frame_labels,
                   float silence_weight, std::vector<float>& weights);

}  // namespace harpy
