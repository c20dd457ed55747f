#include "acoustic/training/channel_variation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "acoustic/training/decibels.hpp"

namespace harpy {
namespace {

constexpr std::size_t kResponsePoints = 6;

/// Six draws within +-range, joined by straight lines over the bins.
std::vector<float> draw_curve(double range, std::size_t bins, KeyedRandom& random) {
  std::array<double, kResponsePoints> points;
  for (double& point : points) point = random.uniform(-range, range);
  std::vector<float> curve(bins);
  const double step =
      bins > 1 ? static_cast<double>(kResponsePoints - 1) / static_cast<double>(bins - 1) : 0.0;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const double at = step * static_cast<double>(bin);
    const std::size_t left = std::min(static_cast<std::size_t>(at), kResponsePoints - 2);
    const double weight = at - static_cast<double>(left);
    curve[bin] = static_cast<float>(points[left] + weight * (points[left + 1] - points[left]));
  }
  return curve;
}

/// ln(exp(a) + exp(b)).
float add_energies(float a, float b) {
  return std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
}

void add_response(double range, std::size_t bins, KeyedRandom& random, std::span<float> features) {
  const std::vector<float> curve = draw_curve(range, bins, random);
  for (std::size_t i = 0; i < features.size(); ++i) features[i] += curve[i % bins];
}

void add_noise(std::size_t bins, KeyedRandom& random, std::span<float> features) {
  constexpr double kColour = 2.0;  // nepers that the noise's spectrum departs from the flat one
  constexpr double kFluctuation = 0.7;  // nepers that a frame of noise departs from its mean
  const double mean =
      std::accumulate(features.begin(), features.end(), 0.0) / static_cast<double>(features.size());
  const double level = mean - kNepersPerDecibel * random.uniform(5.0, 40.0);
  const std::vector<float> colour = draw_curve(kColour, bins, random);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const double noise = level + random.uniform(-kFluctuation, kFluctuation);
    features[i] = add_energies(features[i], static_cast<float>(noise) + colour[i % bins]);
  }
}

void limit_band(const MelAxis& axis, KeyedRandom& random, std::span<float> features) {
  constexpr double kWidestEdge = 4.0;  // bins over which the filter falls
  const auto bins = static_cast<std::size_t>(axis.bins);
  const double edge = axis.bin_of_hz(random.uniform(3400.0, 7000.0));
  const double width = random.uniform(0.5, kWidestEdge);
  const double depth = kNepersPerDecibel * random.uniform(30.0, 110.0);
  const auto floor = static_cast<float>(random.uniform(-16.0, 2.0));
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const double beyond = (static_cast<double>(bin) - edge) / width;
    if (beyond <= 0.0) continue;
    const auto loss = static_cast<float>(depth * std::min(beyond, 1.0));
    for (std::size_t i = bin; i < features.size(); i += bins) {
      features[i] = add_energies(features[i] - loss, floor);
    }
  }
}

void add_reverberation(std::size_t bins, KeyedRandom& random, std::span<float> features) {
  constexpr double kFramesPerSecond = 100.0;
  // The time in which the echoes fall by 60 dB, and all of them together against the direct sound.
  const double decay_s = random.uniform(0.15, 0.9);
  const double tail_db = random.uniform(-15.0, 3.0);
  const double fall = std::exp(-60.0 * kNepersPerDecibel / (decay_s * kFramesPerSecond));
  const double share = std::exp(tail_db * kNepersPerDecibel) * (1.0 - fall) / fall;
  std::vector<double> tail(bins);
  for (std::size_t i = 0; i < features.size(); ++i) {
    double& echo = tail[i % bins];
    const double direct = std::exp(double{features[i]});
    echo *= fall;
    features[i] = static_cast<float>(std::log(direct + echo));
    echo += share * fall * direct;
  }
}

void make_quiet(const MelAxis& axis, KeyedRandom& random, std::span<float> features) {
  // A sample rounded to a whole number has a noise of 1/12; the frame's window lets 160 such
  // samples through, and a bin takes in as many lines of the spectrum as it is wide.
  constexpr double kRoundingNoise = 160.0 / 12.0;
  constexpr double kLineHz = 31.25;
  const auto bins = static_cast<std::size_t>(axis.bins);
  const double loss = kNepersPerDecibel * random.uniform(10.0, 55.0);
  std::vector<float> floor(bins);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const auto at = static_cast<double>(bin);
    const double width_hz = axis.hz_of_bin(at + 0.5) - axis.hz_of_bin(at - 0.5);
    floor[bin] = static_cast<float>(std::log(kRoundingNoise * std::max(1.0, width_hz / kLineHz)));
  }
  for (std::size_t i = 0; i < features.size(); ++i) {
    const auto rounding = static_cast<float>(random.uniform(-0.7, 0.7));
    features[i] = add_energies(features[i] - static_cast<float>(loss), floor[i % bins] + rounding);
  }
}

}  // namespace

ChannelVariation::ChannelVariation(const ChannelVariationOptions& options, const MelAxis& axis)
    : options_(options), axis_(axis) {
  const auto require = [](bool good, const std::string& name, double got) {
    if (!good) {
      throw std::invalid_argument("Augmentation: bad " + name + ": " + std::to_string(got));
    }
  };
  require(options.response_range >= 0.0, "response_range", options.response_range);
  for (const auto& [value, name] :
       {std::pair{options.noise_probability, "noise_probability"},
        {options.band_limit_probability, "band_limit_probability"},
        {options.reverberation_probability, "reverberation_probability"},
        {options.quiet_probability, "quiet_probability"}}) {
    require(value >= 0.0 && value <= 1.0, name, value);
  }
}

void ChannelVariation::apply(KeyedRandom& random, std::span<float> features) const {
  const auto bins = static_cast<std::size_t>(axis_.bins);
  const bool noisy = random.uniform(0.0, 1.0) < options_.noise_probability;
  const bool limited = random.uniform(0.0, 1.0) < options_.band_limit_probability;
  const bool echoing = random.uniform(0.0, 1.0) < options_.reverberation_probability;
  const bool quiet = random.uniform(0.0, 1.0) < options_.quiet_probability;
  if (options_.response_range > 0.0) add_response(options_.response_range, bins, random, features);
  if (echoing) add_reverberation(bins, random, features);
  if (noisy) add_noise(bins, random, features);
  if (limited) limit_band(axis_, random, features);
  if (quiet) make_quiet(axis_, random, features);
}

}  // namespace harpy
