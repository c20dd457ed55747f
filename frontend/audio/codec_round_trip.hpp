#pragma once

#include <span>
#include <vector>

namespace harpy {

/// Codecs that lose something.
enum class Codec {
  kMuLaw,  ///< ITU-T G.711, 64 kbit/s at 8 kHz
  kGsm,    ///< GSM 06.10 full rate, 13 kbit/s at 8 kHz
  kOpus,   ///< RFC 6716; sample rates of 8,000, 12,000, 16,000, 24,000 and 48,000
  kMp3     ///< MPEG-2 layer III
};

/// What is left of audio of one channel, in [-1, 1], after it has been coded and decoded
/// (libsndfile), as long as it was but for what the codec delays. `quality` from 0, the fewest bits
/// a second that the codec can do with (Opus 6 kbit/s), to 1, for codecs that have a choice.
/// Errors: std::runtime_error if the library lacks the codec or the rate does not suit it.
std::vector<float> codec_round_trip(std::span<const float> samples, int sample_rate_hz, Codec codec,
                                    double quality);

}  // namespace harpy
