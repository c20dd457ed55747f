#pragma once

#include <optional>
#include <vector>

#include "frontend/audio/audio_source.hpp"

namespace harpy {

/// Reads a source, or its stretch from `start_s` to before `end_s`, as one channel at another rate,
/// all of it at once. Errors: as MonoReader and Resampler.
std::vector<float> read_resampled(AudioSource& source, double rate_hz, double start_s = 0.0,
                                  std::optional<double> end_s = std::nullopt,
                                  ChannelSelection channels = {});

}  // namespace harpy
