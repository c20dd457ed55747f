#include "acoustic/training/channel_variation.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace harpy {
namespace {

constexpr MelAxis kAxis{20.0, 8000.0, 40};
constexpr std::size_t kBins = 40;
constexpr std::size_t kFrames = 50;
constexpr float kLevel = 10.0F;

/// Features of one level with a kind of variation applied, by the key.
std::vector<float> varied(const ChannelVariationOptions& options, std::uint64_t key) {
  std::vector<float> features(kFrames * kBins, kLevel);
  KeyedRandom random{key};
  ChannelVariation(options, kAxis).apply(random, features);
  return features;
}

TEST(ChannelVariation, WithAllOffIsTheIdentity) {
  for (std::uint64_t key = 0; key < 20; ++key) {
    EXPECT_EQ(varied({}, key), std::vector<float>(kFrames * kBins, kLevel));
  }
}

TEST(ChannelVariation, ResponseIsTheSameInAllFramesSmoothAndWithinItsRange) {
  constexpr double kRange = 1.5;
  float low = kLevel;
  float high = kLevel;
  for (std::uint64_t key = 0; key < 100; ++key) {
    const std::vector<float> features = varied({.response_range = kRange}, key);
    for (std::size_t i = 0; i < features.size(); ++i) {
      EXPECT_EQ(features[i], features[i % kBins]);
      // Five stretches over the bins, each at most from one end of the range to the other.
      if (i % kBins > 0) {
        EXPECT_LE(std::abs(features[i] - features[i - 1]), 2.0 * kRange * 5.0 / (kBins - 1) + 1e-5);
      }
    }
    low = std::min(low, *std::min_element(features.begin(), features.end()));
    high = std::max(high, *std::max_element(features.begin(), features.end()));
  }
  EXPECT_GE(low, kLevel - kRange);
  EXPECT_LE(high, kLevel + kRange);
  EXPECT_LT(low, kLevel - 0.8 * kRange);
  EXPECT_GT(high, kLevel + 0.8 * kRange);
}

TEST(ChannelVariation, NoiseFillsQuietPlacesAndHardlyChangesLoudOnes) {
  for (std::uint64_t key = 0; key < 50; ++key) {
    // Half of the frames are 20 nepers of energy (87 dB) below the others.
    std::vector<float> features(kFrames * kBins, kLevel);
    std::fill(features.begin() + kFrames / 2 * kBins, features.end(), kLevel - 20.0F);
    KeyedRandom random{key};
    ChannelVariation({.noise_probability = 1.0}, kAxis).apply(random, features);
    for (std::size_t i = 0; i < features.size(); ++i) {
      const bool loud = i < kFrames / 2 * kBins;
      EXPECT_GE(features[i], loud ? kLevel : kLevel - 22.0F);
      if (loud) {
        EXPECT_LE(features[i], kLevel + 0.1F);
      }
    }
    EXPECT_GT(*std::min_element(features.begin(), features.end()), kLevel - 20.0F);
  }
}

TEST(ChannelVariation, BandLimitTakesTheUpperBandAwayAndLeavesTheLowerAsItWas) {
  const auto first_kept = static_cast<std::size_t>(std::floor(kAxis.bin_of_hz(3400.0)));
  const auto all_gone = static_cast<std::size_t>(std::ceil(kAxis.bin_of_hz(7000.0))) + 4;
  ASSERT_GE(all_gone, kBins - 4);
  std::size_t deepest = 0;
  for (std::uint64_t key = 0; key < 100; ++key) {
    const std::vector<float> features = varied({.band_limit_probability = 1.0}, key);
    for (std::size_t bin = 0; bin < kBins; ++bin) {
      if (bin <= first_kept) {
        EXPECT_EQ(features[bin], kLevel);
      } else {
        EXPECT_LE(features[bin], features[bin - 1] + 1e-5F);
      }
    }
    EXPECT_LT(features[kBins - 1], kLevel - 0.9F);
    if (features[kBins - 1] < kLevel - 10.0F) ++deepest;
  }
  EXPECT_GT(deepest, 30U);
}

TEST(ChannelVariation, ComesAsOftenAsAsked) {
  int noisy = 0;
  int limited = 0;
  for (std::uint64_t key = 0; key < 2000; ++key) {
    const std::vector<float> unchanged(kFrames * kBins, kLevel);
    if (varied({.noise_probability = 0.25}, key) != unchanged) ++noisy;
    if (varied({.band_limit_probability = 0.1}, key) != unchanged) ++limited;
  }
  EXPECT_NEAR(noisy, 500, 80);
  EXPECT_NEAR(limited, 200, 60);
}

TEST(ChannelVariation, RefusesImpossibleOptions) {
  EXPECT_THROW(ChannelVariation({.response_range = -1.0}, kAxis), std::invalid_argument);
  EXPECT_THROW(ChannelVariation({.noise_probability = 1.1}, kAxis), std::invalid_argument);
  EXPECT_THROW(ChannelVariation({.band_limit_probability = -0.1}, kAxis), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
