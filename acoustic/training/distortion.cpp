#include "acoustic/training/distortion.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "frontend/audio/codec_round_trip.hpp"
#include "frontend/audio/resampler.hpp"

namespace harpy {
namespace {

std::vector<float> resampled(std::span<const float> samples, double from_hz, double to_hz) {
  std::vector<float> output;
  Resampler resampler(from_hz, to_hz);
  resampler.process(samples, output);
  resampler.finish(output);
  return output;
}

/// Amplifies the samples so that a part of them is beyond the limit.
std::vector<float> clipped(std::span<const float> samples, double part) {
  std::vector<float> sizes(samples.size());
  std::transform(samples.begin(), samples.end(), sizes.begin(),
                 [](float sample) { return std::abs(sample); });
  const auto rank = std::min(
      sizes.size() - 1, static_cast<std::size_t>((1.0 - part) * static_cast<double>(sizes.size())));
  std::nth_element(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(rank), sizes.end());
  const float limit = std::max(sizes[rank], 1e-6F);
  std::vector<float> output(samples.begin(), samples.end());
  for (float& sample : output) sample = std::clamp(sample / limit, -1.0F, 1.0F);
  return output;
}

/// Weakens the samples to a root mean square in steps of 16 bits, and rounds them to such steps.
std::vector<float> rounded(std::span<const float> samples, double steps) {
  constexpr float kStep = 1.0F / 32768.0F;
  double squares = 0.0;
  for (const float sample : samples) squares += double{sample} * sample;
  const double level = std::sqrt(squares / static_cast<double>(samples.size()));
  const auto factor = static_cast<float>(level > 0.0 ? std::min(1.0, steps * kStep / level) : 1.0);
  std::vector<float> output(samples.begin(), samples.end());
  for (float& sample : output) sample = std::round(sample * factor / kStep) * kStep;
  return output;
}

std::vector<float> coded(std::span<const float> samples, double rate_hz, int codec_hz, Codec codec,
                         double quality) {
  auto output = codec_round_trip(resampled(samples, rate_hz, codec_hz), codec_hz, codec, quality);
  output = resampled(output, codec_hz, rate_hz);
  output.resize(samples.size());
  return output;
}

}  // namespace

std::vector<float> distorted(std::span<const float> samples, double sample_rate_hz,
                             KeyedRandom& random) {
  constexpr int kTelephoneHz = 8000, kWideHz = 16000;
  if (samples.empty()) return {};
  const std::int64_t kind = random.below(6);
  const double amount = random.uniform(0.0, 1.0);
  switch (kind) {
    case 0:
      return clipped(samples, 0.001 * std::pow(200.0, amount));
    case 1:
      return rounded(samples, std::pow(16.0, amount));
    case 2:
      return coded(samples, sample_rate_hz, kTelephoneHz, Codec::kMuLaw, 0.0);
    case 3:
      return coded(samples, sample_rate_hz, kTelephoneHz, Codec::kGsm, 0.0);
    case 4:
      return coded(samples, sample_rate_hz, kWideHz, Codec::kOpus, 0.04 * amount);
    default:
      return coded(samples, sample_rate_hz, kWideHz, Codec::kMp3, 0.2 * amount);
  }
}

}  // namespace harpy
