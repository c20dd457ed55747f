#pragma once

#include <span>
#include <vector>

#include "acoustic/training/keyed_random.hpp"

namespace harpy {

/// Speech in [-1, 1] as a bad recorder or telephone gives it. One of these is drawn, and how much
/// of it: overdriven (0.1 to 20 % of the samples are clipped), recorded so quietly that its root
/// mean square is 1 to 16 steps of 16 bits, or gone through mu-law or GSM at 8 kHz, Opus at 6 to 16
/// kbit/s or MP3 at low rates. The length stays the same. Unlike ChannelVariation, which varies
/// features, this works on samples: what it does to one frequency depends on all others.
/// Errors: as Resampler and codec_round_trip.
std::vector<float> distorted(std::span<const float> samples, double sample_rate_hz,
                             KeyedRandom& random);

}  // namespace harpy
