#pragma once

#include <cstdint>
#include <span>

#include "acoustic/training/keyed_random.hpp"
#include "frontend/mel_axis.hpp"

namespace harpy {

/// How far the way of the sound, from the room to the file, is varied in training. Zero turns a
/// kind off.
struct ChannelVariationOptions {
  /// A smooth frequency response is added, of up to so many nepers of energy at each of six points
  /// evenly spaced in mel: other microphones.
  double response_range = 0.0;
  /// Part of the utterances that get steady noise, at 5 to 40 dB below their mean level: rooms.
  double noise_probability = 0.0;
  /// Part of the utterances whose upper frequencies are taken away from somewhere between 3.4 and 7
  /// kHz on: telephones, and recordings made at low sample rates.
  double band_limit_probability = 0.0;
  /// Part of the utterances that are heard in a room, whose echoes fall by 60 dB in 0.15 to 0.9 s.
  double reverberation_probability = 0.0;
  /// Part of the utterances that are recorded 10 to 55 dB too quietly, with the noise of rounding
  /// to 16 bits: hands-free telephones, microphones that nobody adjusted.
  double quiet_probability = 0.0;
};

/// Varies the channel of an utterance's log-mel features: response, then reverberation, noise, band
/// limit and quietness.
///
/// What is added is added as energies: y = ln(exp(x) + exp(n)). Reverberation adds, in each bin,
/// the energies of the frames before, which fall exponentially with their age (Polack's model of a
/// room's late echoes). What remains above the limit is the energy lowered by 30 to 110 dB, above a
/// floor.
/// Threads: may be shared.
class ChannelVariation {
 public:
  /// Errors: std::invalid_argument for a probability outside 0 .. 1 or a range below 0.
  ChannelVariation(const ChannelVariationOptions& options, const MelAxis& axis);

  /// Shapes: features [at least 1, axis.bins], changed in place.
  void apply(KeyedRandom& random, std::span<float> features) const;

 private:
  ChannelVariationOptions options_;
  MelAxis axis_;
};

}  // namespace harpy
