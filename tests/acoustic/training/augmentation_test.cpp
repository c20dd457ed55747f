#include "acoustic/training/augmentation.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "acoustic/training/keyed_random.hpp"

namespace harpy {
namespace {

constexpr MelAxis kAxis{20.0, 8000.0, 16};
constexpr std::size_t kBins = 16;
constexpr AugmentationOptions kNone{0.0, 0.0, 0.0, 0, 0, 0.0, 0, 0, {}};

std::vector<Half> ramp(std::size_t frames) {
  std::vector<Half> features(frames * kBins);
  for (std::size_t t = 0; t < frames; ++t) {
    for (std::size_t d = 0; d < kBins; ++d) {
      features[t * kBins + d] = to_half(static_cast<float>(t) + 0.25F * static_cast<float>(d));
    }
  }
  return features;
}

std::vector<float> apply(const AugmentationOptions& options, std::span<const Half> features,
                         std::size_t frames, const AugmentationKey& key) {
  std::vector<float> result(frames * kBins);
  Augmentation(options, kAxis).apply(features, key, result);
  return result;
}

TEST(Augmentation, WithAllRangesZeroIsTheIdentity) {
  const std::vector<Half> features = ramp(20);
  const std::vector<float> result = apply(kNone, features, 20, {1, 2, 3});
  for (std::size_t i = 0; i < result.size(); ++i) EXPECT_EQ(result[i], to_float(features[i]));
  EXPECT_EQ(Augmentation(kNone, kAxis).tempo({1, 2, 3}), 1.0);
}

TEST(Augmentation, FollowsFromTheKeyAlone) {
  const std::vector<Half> features = ramp(50);
  const Augmentation shared({}, kAxis);
  std::vector<float> first(55 * kBins);
  std::vector<float> again(55 * kBins);
  shared.apply(features, {1, 2, 3}, first);
  shared.apply(features, {1, 2, 4}, again);
  EXPECT_NE(first, again);
  shared.apply(features, {1, 3, 3}, again);
  EXPECT_NE(first, again);
  shared.apply(features, {2, 2, 3}, again);
  EXPECT_NE(first, again);
  shared.apply(features, {1, 2, 3}, again);
  EXPECT_EQ(first, again);
  EXPECT_EQ(shared.tempo({1, 2, 3}), Augmentation({}, kAxis).tempo({1, 2, 3}));
}

TEST(Augmentation, ChannelFollowsFromTheKeyAndLeavesTheOtherDrawsAsTheyAre) {
  const std::vector<Half> features = ramp(50);
  AugmentationOptions options;
  options.time_masks = 0;
  options.frequency_masks = 0;
  const std::vector<float> plain = apply(options, features, 50, {1, 2, 3});
  options.channel.response_range = 1.0;
  const std::vector<float> first = apply(options, features, 50, {1, 2, 3});
  EXPECT_EQ(apply(options, features, 50, {1, 2, 3}), first);
  EXPECT_NE(apply(options, features, 50, {1, 2, 4}), first);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_NEAR(first[i] - plain[i], first[i % kBins] - plain[i % kBins], 1e-5) << i;
  }
}

TEST(Augmentation, TempoStaysInItsRange) {
  const Augmentation augmentation({}, kAxis);
  double low = 2.0;
  double high = 0.0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const double tempo = augmentation.tempo({1, 1, i});
    low = std::min(low, tempo);
    high = std::max(high, tempo);
  }
  EXPECT_GE(low, 0.9);
  EXPECT_LT(low, 0.91);
  EXPECT_LE(high, 1.1);
  EXPECT_GT(high, 1.09);
}

TEST(Augmentation, StretchesARampToARamp) {
  for (const std::size_t frames : {1U, 2U, 13U, 20U, 27U, 40U}) {
    const std::vector<float> result = apply(kNone, ramp(20), frames, {});
    const double ratio = 20.0 / static_cast<double>(frames);
    for (std::size_t t = 0; t < frames; ++t) {
      const double at = std::clamp((static_cast<double>(t) + 0.5) * ratio - 0.5, 0.0, 19.0);
      for (std::size_t d = 0; d < kBins; ++d) {
        EXPECT_NEAR(result[t * kBins + d], at + 0.25 * static_cast<double>(d), 1e-4);
      }
    }
  }
}

TEST(Augmentation, StretchesASingleFrame) {
  const std::vector<float> result = apply(kNone, ramp(1), 3, {});
  for (std::size_t d = 0; d < kBins; ++d) {
    for (std::size_t t = 0; t < 3; ++t) {
      EXPECT_EQ(result[t * kBins + d], 0.25F * static_cast<float>(d));
    }
  }
}

TEST(Augmentation, LevelIsOneConstantInItsRange) {
  AugmentationOptions options = kNone;
  options.level_range = 2.0;
  const std::vector<Half> features = ramp(10);
  std::set<float> levels;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::vector<float> result = apply(options, features, 10, {1, 1, i});
    const float level = result[0] - to_float(features[0]);
    EXPECT_LE(std::abs(level), 2.0F);
    for (std::size_t k = 0; k < result.size(); ++k) {
      EXPECT_NEAR(result[k] - to_float(features[k]), level, 1e-5);
    }
    levels.insert(level);
  }
  EXPECT_LT(*levels.begin(), -1.8F);
  EXPECT_GT(*levels.rbegin(), 1.8F);
}

TEST(Augmentation, WarpReadsEachFrequencyAtAMultipleOfIt) {
  AugmentationOptions options = kNone;
  options.frequency_warp_range = 0.1;
  const std::vector<Half> features = ramp(4);
  const auto mel = [](double hz) { return 1127.0 * std::log(1.0 + hz / 700.0); };
  const double spacing = (mel(8000.0) - mel(20.0)) / 17.0;
  double smallest = 2.0;
  double largest = 0.0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const std::vector<float> result = apply(options, features, 4, {1, 1, i});
    // A bin's value tells the bin it was read at; the factor on its frequency must be one for all.
    double factor = 0.0;
    for (std::size_t d = 2; d < 12; ++d) {
      const double read = 4.0 * static_cast<double>(result[d]);
      const auto hz = [&](double bin) {
        return 700.0 * (std::exp((mel(20.0) + spacing * (bin + 1.0)) / 1127.0) - 1.0);
      };
      const double found = hz(read) / hz(static_cast<double>(d));
      EXPECT_NEAR(found, factor == 0.0 ? found : factor, 1e-3);
      factor = found;
    }
    smallest = std::min(smallest, factor);
    largest = std::max(largest, factor);
    for (std::size_t d = 1; d < kBins; ++d) EXPECT_GE(result[d], result[d - 1]);
  }
  EXPECT_NEAR(smallest, 0.9, 0.01);
  EXPECT_NEAR(largest, 1.1, 0.01);
}

TEST(Augmentation, MasksPutTheMeanIntoWholeBands) {
  AugmentationOptions options = kNone;
  options.time_masks = 1;
  options.time_mask_frames = 8;
  options.time_mask_fraction = 0.5;
  options.frequency_masks = 1;
  options.frequency_mask_bins = 3;
  const std::vector<Half> features = ramp(40);
  std::set<std::size_t> widths;
  std::set<std::size_t> heights;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const std::vector<float> result = apply(options, features, 40, {1, 1, i});
    std::size_t width = 0;
    std::size_t height = 0;
    for (std::size_t t = 0; t < 40; ++t) {
      std::size_t masked = 0;
      for (std::size_t d = 0; d < kBins; ++d) {
        if (result[t * kBins + d] == to_float(features[t * kBins + d])) continue;
        EXPECT_EQ(result[t * kBins + d], 19.5F + 0.25F * static_cast<float>(d));
        ++masked;
      }
      width += masked == kBins ? 1 : 0;
      if (masked != kBins) height = masked;
    }
    widths.insert(width);
    heights.insert(height);
  }
  EXPECT_EQ(widths, (std::set<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(heights, (std::set<std::size_t>{0, 1, 2, 3}));
}

TEST(Augmentation, RefusesImpossibleOptionsAndShapes) {
  const auto with = [](auto change) {
    AugmentationOptions options;
    change(options);
    return Augmentation(options, kAxis);
  };
  EXPECT_THROW(with([](auto& o) { o.tempo_range = 1.0; }), std::invalid_argument);
  EXPECT_THROW(with([](auto& o) { o.frequency_warp_range = -0.1; }), std::invalid_argument);
  EXPECT_THROW(with([](auto& o) { o.level_range = -1.0; }), std::invalid_argument);
  EXPECT_THROW(with([](auto& o) { o.time_masks = -1; }), std::invalid_argument);
  EXPECT_THROW(with([](auto& o) { o.time_mask_fraction = 1.5; }), std::invalid_argument);
  EXPECT_THROW(Augmentation({}, {20.0, 10.0, 16}), std::invalid_argument);
  EXPECT_THROW(Augmentation({}, {20.0, 8000.0, 0}), std::invalid_argument);
  EXPECT_THROW(apply(kNone, std::vector<Half>(kBins + 1), 1, {}), std::invalid_argument);
  EXPECT_THROW(apply(kNone, {}, 1, {}), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
