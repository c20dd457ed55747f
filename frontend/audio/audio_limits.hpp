#pragma once

#include <cmath>

namespace harpy {

/// What counts as audio, wherever it comes from.
inline constexpr int kLeastSampleRateHz = 4000;
inline constexpr int kGreatestSampleRateHz = 192000;
inline constexpr int kMostChannels = 8;

/// Whether a value can be a sample: a number, and not so large that features would overflow.
/// Recordings beyond [-1, 1], or in the scale of integers, pass.
inline bool is_sample(float value) { return std::abs(value) < 1e9F; }

}  // namespace harpy
