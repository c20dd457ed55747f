#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "tests/support/tiny_model.hpp"

namespace harpy::testing {

/// A stretch of one tone, or of silence: 0 Hz.
struct Sound {
  double pitch_hz = 0.0;
  double seconds = 0.0;
};

/// The sounds of the tone model's words.
inline constexpr Sound kSoundA{kToneA_hz, 0.2};
inline constexpr Sound kSoundB{kToneB_hz, 0.2};

/// Sounds one after another, at 16 kHz.
inline std::vector<float> sounds(const std::vector<Sound>& list) {
  std::vector<float> samples;
  for (const Sound& sound : list) {
    const auto count = static_cast<std::size_t>(16000.0 * sound.seconds);
    for (std::size_t i = 0; i < count; ++i) {
      samples.push_back(static_cast<float>(
          0.3 * std::sin(2.0 * M_PI * sound.pitch_hz * static_cast<double>(i) / 16000.0)));
    }
  }
  return samples;
}

}  // namespace harpy::testing
