#include "acoustic/training/background.hpp"

#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/acoustic/training/test_data.hpp"

namespace harpy {
namespace {

constexpr std::size_t kBackgroundDim = 2;
constexpr double kDecibel = 0.230258509299;

/// A frame's value in both bins.
using Frames = std::vector<float>;

FeatureStore::Item item_of(const Frames& frames) {
  FeatureStore::Item item;
  for (const float frame : frames) item.values.insert(item.values.end(), 2, to_half(frame));
  return item;
}

/// One utterance that says "1", and recordings in which nobody speaks.
Dataset with_backgrounds(const Frames& speech, const std::vector<Frames>& backgrounds) {
  std::vector<ManifestEntry> entries(1 + backgrounds.size());
  std::vector<FeatureStore::Item> items{item_of(speech)};
  entries[0].text = "1";
  for (std::size_t i = 0; i < backgrounds.size(); ++i) {
    entries[i + 1].is_background = true;
    items.push_back(item_of(backgrounds[i]));
  }
  const EntryList list(entries);
  return {{&list, 1},
          {FeatureStore(kBackgroundDim, std::move(items))},
          testing::SyntheticData::labels,
          {}};
}

std::vector<float> with_background(const Background& background, std::uint64_t key,
                                   std::vector<float> features) {
  KeyedRandom random{key};
  background.add(random, features);
  return features;
}

TEST(Background, WithAllOffIsTheIdentity) {
  const Dataset dataset = with_backgrounds({1.0F, 2.0F}, {{3.0F}});
  const std::vector<float> features{1.0F, 2.0F, 3.0F, 4.0F};
  for (std::uint64_t key = 0; key < 20; ++key) {
    EXPECT_EQ(with_background(Background({}, dataset), key, features), features);
  }
}

TEST(Background, RecordingIsAddedAsEnergyUpTo25DecibelsWeaker) {
  const Dataset dataset = with_backgrounds({9.0F}, {{2.0F}});
  const Background background({.recording_probability = 1.0}, dataset);
  const std::vector<float> features{4.0F, 4.0F, 6.0F, 6.0F};
  const double mean = 0.5 * (std::exp(4.0) + std::exp(6.0));
  double weakest = 0.0;
  double loudest = 25.0;
  for (std::uint64_t key = 0; key < 200; ++key) {
    const std::vector<float> both = with_background(background, key, features);
    const double added = std::exp(both[0]) - std::exp(4.0);
    for (std::size_t i = 0; i < both.size(); ++i) {  // a recording of one level stays that
      EXPECT_NEAR(std::exp(both[i]) - std::exp(features[i]), added, 1e-3);
    }
    const double decibels_below = std::log(mean / added) / kDecibel;
    weakest = std::max(weakest, decibels_below);
    loudest = std::min(loudest, decibels_below);
  }
  EXPECT_GT(loudest, -0.01);
  EXPECT_LT(loudest, 1.0);
  EXPECT_LT(weakest, 25.01);
  EXPECT_GT(weakest, 24.0);
}

TEST(Background, BeginsAnywhereAndGoesRound) {
  const Dataset dataset = with_backgrounds({9.0F}, {{0.0F, 1.0F, 2.0F}});
  const Background background({.recording_probability = 1.0}, dataset);
  const std::vector<float> features(5 * kBackgroundDim, 3.0F);
  std::vector<int> beginnings(3);
  for (std::uint64_t key = 0; key < 300; ++key) {
    const std::vector<float> both = with_background(background, key, features);
    const auto added = [&](std::size_t frame) {
      return std::exp(both[2 * frame]) - std::exp(3.0F);
    };
    for (std::size_t begin = 0; begin < 3; ++begin) {
      bool fits = true;
      for (std::size_t t = 1; t < 5; ++t) {
        const double expected =
            std::exp(static_cast<double>((begin + t) % 3) - static_cast<double>(begin));
        fits = fits && std::abs(added(t) / added(0) / expected - 1.0) < 1e-2;
      }
      if (fits) ++beginnings[begin];
    }
  }
  EXPECT_EQ(beginnings[0] + beginnings[1] + beginnings[2], 300);
  for (const int count : beginnings) EXPECT_GT(count, 60);
}

TEST(Background, IsDrawnAsOftenAsAskedForAndFollowsFromTheKey) {
  const Dataset dataset = with_backgrounds({9.0F}, {{2.0F}, {3.0F}});
  const Background background({.recording_probability = 0.25, .babble_probability = 0.0}, dataset);
  const std::vector<float> features{4.0F, 4.0F};
  int changed = 0;
  for (std::uint64_t key = 0; key < 1000; ++key) {
    const std::vector<float> both = with_background(background, key, features);
    EXPECT_EQ(with_background(background, key, features), both);
    if (both != features) ++changed;
  }
  EXPECT_NEAR(changed, 250, 45);
}

TEST(Background, BabbleIsThreeUtterancesAtLeastFiveDecibelsWeaker) {
  // Two frames of which one is silent: three voices that begin anywhere make four mixtures.
  const Dataset dataset = with_backgrounds({-20.0F, 0.0F}, {});
  const Background background({.babble_probability = 1.0}, dataset);
  const std::vector<float> features(4 * kBackgroundDim, 2.0F);
  std::vector<int> voices_in_first(4);
  for (std::uint64_t key = 0; key < 400; ++key) {
    const std::vector<float> both = with_background(background, key, features);
    const double first = std::exp(both[0]) - std::exp(2.0);
    const double second = std::exp(both[2]) - std::exp(2.0);
    const double decibels_below = std::log(std::exp(2.0) / (0.5 * (first + second))) / kDecibel;
    EXPECT_GT(decibels_below, 4.99);
    EXPECT_LT(decibels_below, 25.01);
    ++voices_in_first.at(static_cast<std::size_t>(std::lround(3.0 * first / (first + second))));
  }
  EXPECT_NEAR(voices_in_first[0], 50, 30);
  EXPECT_NEAR(voices_in_first[1], 150, 40);
  EXPECT_NEAR(voices_in_first[2], 150, 40);
  EXPECT_NEAR(voices_in_first[3], 50, 30);
}

TEST(Background, RefusesBadProbabilitiesAndMissingRecordings) {
  const Dataset silent = with_backgrounds({1.0F}, {{1.0F}});
  EXPECT_THROW(Background({.recording_probability = 1.5}, silent), std::invalid_argument);
  EXPECT_THROW(Background({.babble_probability = -0.5}, silent), std::invalid_argument);
  const Dataset none = with_backgrounds({1.0F}, {});
  EXPECT_THROW(Background({.recording_probability = 0.5}, none), std::invalid_argument);
  EXPECT_NO_THROW(Background({.babble_probability = 0.5}, none));
}

}  // namespace
}  // namespace harpy
