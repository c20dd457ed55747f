#include "acoustic/training/channel_variation.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace harpy {
namespace {

constexpr MelAxis kVariedAxis{20.0, 8000.0, 40};
constexpr std::size_t kVariedBins = 40;
constexpr std::size_t kFrames = 50;
constexpr float kLevel = 10.0F;

/// Features of one level with a kind of variation applied, by the key.
std::vector<float> varied(const ChannelVariationOptions& options, std::uint64_t key) {
  std::vector<float> features(kFrames * kVariedBins, kLevel);
  KeyedRandom random{key};
  ChannelVariation(options, kVariedAxis).apply(random, features);
  return features;
}

TEST(ChannelVariation, WithAllOffIsTheIdentity) {
  for (std::uint64_t key = 0; key < 20; ++key) {
    EXPECT_EQ(varied({}, key), std::vector<float>(kFrames * kVariedBins, kLevel));
  }
}

TEST(ChannelVariation, ResponseIsTheSameInAllFramesSmoothAndWithinItsRange) {
  constexpr double kRange = 1.5;
  float low = kLevel;
  float high = kLevel;
  for (std::uint64_t key = 0; key < 100; ++key) {
    const std::vector<float> features = varied({.response_range = kRange}, key);
    for (std::size_t i = 0; i < features.size(); ++i) {
      EXPECT_EQ(features[i], features[i % kVariedBins]);
      // Five stretches over the bins, each at most from one end of the range to the other.
      if (i % kVariedBins > 0) {
        EXPECT_LE(std::abs(features[i] - features[i - 1]),
                  2.0 * kRange * 5.0 / (kVariedBins - 1) + 1e-5);
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
    std::vector<float> features(kFrames * kVariedBins, kLevel);
    std::fill(features.begin() + kFrames / 2 * kVariedBins, features.end(), kLevel - 20.0F);
    KeyedRandom random{key};
    ChannelVariation({.noise_probability = 1.0}, kVariedAxis).apply(random, features);
    for (std::size_t i = 0; i < features.size(); ++i) {
      const bool loud = i < kFrames / 2 * kVariedBins;
      EXPECT_GE(features[i], loud ? kLevel : kLevel - 22.0F);
      if (loud) {
        EXPECT_LE(features[i], kLevel + 0.1F);
      }
    }
    EXPECT_GT(*std::min_element(features.begin(), features.end()), kLevel - 20.0F);
  }
}

TEST(ChannelVariation, EchoesOfASoundFallExponentially) {
  constexpr float kSilence = -15.0F;
  double fastest = 1e9, slowest = 0.0;
  for (std::uint64_t key = 0; key < 100; ++key) {
    std::vector<float> features(kFrames * kVariedBins, kSilence);
    std::fill(features.begin() + kVariedBins, features.begin() + 2 * kVariedBins, kLevel);
    KeyedRandom random{key};
    ChannelVariation({.reverberation_probability = 1.0}, kVariedAxis).apply(random, features);
    EXPECT_NEAR(features[0], kSilence, 1e-4);
    EXPECT_NEAR(features[kVariedBins], kLevel, 1e-4);
    const double fall = features[2 * kVariedBins] - features[3 * kVariedBins];  // nepers a frame
    EXPECT_GT(fall, 0.0);
    for (std::size_t frame = 3; frame < 10; ++frame) {
      EXPECT_NEAR(features[(frame - 1) * kVariedBins] - features[frame * kVariedBins], fall, 0.01);
    }
    const double decay_s = std::log(1e6) / fall / 100.0;
    fastest = std::min(fastest, decay_s);
    slowest = std::max(slowest, decay_s);
  }
  EXPECT_GE(fastest, 0.149);
  EXPECT_LE(slowest, 0.901);
  EXPECT_GT(slowest, 3.0 * fastest);
}

TEST(ChannelVariation, QuietRecordingsLoseLevelAndKeepTheNoiseOfRounding) {
  constexpr float kLoud = 40.0F;
  for (std::uint64_t key = 0; key < 100; ++key) {
    std::vector<float> features(kFrames * kVariedBins, kLoud);
    std::fill(features.begin(), features.begin() + kVariedBins, -15.0F);
    KeyedRandom random{key};
    ChannelVariation({.quiet_probability = 1.0}, kVariedAxis).apply(random, features);
    for (std::size_t bin = 0; bin < kVariedBins; ++bin) {  // the floor: 2.6 and what bins take in
      EXPECT_GT(features[bin], 1.8F);
      EXPECT_LT(features[bin], 6.2F);
    }
    const float loss = kLoud - features[kVariedBins];
    EXPECT_GT(loss, 2.3F - 1e-3F);   // 10 dB
    EXPECT_LT(loss, 12.7F + 1e-3F);  // 55 dB
    for (std::size_t i = kVariedBins; i < features.size(); ++i) {
      EXPECT_NEAR(kLoud - features[i], loss, 1e-3F);
    }
  }
}

TEST(ChannelVariation, BandLimitTakesTheUpperBandAwayAndLeavesTheLowerAsItWas) {
  const auto first_kept = static_cast<std::size_t>(std::floor(kVariedAxis.bin_of_hz(3400.0)));
  const auto all_gone = static_cast<std::size_t>(std::ceil(kVariedAxis.bin_of_hz(7000.0))) + 4;
  ASSERT_GE(all_gone, kVariedBins - 4);
  std::size_t deepest = 0;
  for (std::uint64_t key = 0; key < 100; ++key) {
    const std::vector<float> features = varied({.band_limit_probability = 1.0}, key);
    for (std::size_t bin = 0; bin < kVariedBins; ++bin) {
      if (bin <= first_kept) {
        EXPECT_EQ(features[bin], kLevel);
      } else {
        EXPECT_LE(features[bin], features[bin - 1] + 1e-5F);
      }
    }
    EXPECT_LT(features[kVariedBins - 1], kLevel - 0.9F);
    if (features[kVariedBins - 1] < kLevel - 10.0F) ++deepest;
  }
  EXPECT_GT(deepest, 30U);
}

TEST(ChannelVariation, ComesAsOftenAsAsked) {
  int noisy = 0;
  int limited = 0;
  for (std::uint64_t key = 0; key < 2000; ++key) {
    const std::vector<float> unchanged(kFrames * kVariedBins, kLevel);
    if (varied({.noise_probability = 0.25}, key) != unchanged) ++noisy;
    if (varied({.band_limit_probability = 0.1}, key) != unchanged) ++limited;
  }
  EXPECT_NEAR(noisy, 500, 80);
  EXPECT_NEAR(limited, 200, 60);
}

TEST(ChannelVariation, RefusesImpossibleOptions) {
  EXPECT_THROW(ChannelVariation({.response_range = -1.0}, kVariedAxis), std::invalid_argument);
  EXPECT_THROW(ChannelVariation({.noise_probability = 1.1}, kVariedAxis), std::invalid_argument);
  EXPECT_THROW(ChannelVariation({.band_limit_probability = -0.1}, kVariedAxis),
               std::invalid_argument);
}

}  // namespace
}  // namespace harpy
