#include "acoustic/training/distortion.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace harpy {
namespace {

/// A second of two tones whose loudness changes, so that clipping meets a part of them.
std::vector<float> two_tones() {
  std::vector<float> samples(16000);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto t = static_cast<double>(i) / 16000.0;
    samples[i] = static_cast<float>(0.2 * std::sin(2900.0 * t) * (1.0 + std::sin(20.0 * t)) +
                                    0.1 * std::sin(9000.0 * t));
  }
  return samples;
}

bool is_rounded(const std::vector<float>& samples) {
  return std::all_of(samples.begin(), samples.end(), [](float sample) {
    return sample * 32768.0F == std::round(sample * 32768.0F);
  });
}

TEST(Distortion, FollowsFromTheKeyAndKeepsLengthAndSize) {
  const std::vector<float> samples = two_tones();
  std::set<std::vector<float>> results;
  for (std::uint64_t key = 0; key < 30; ++key) {
    KeyedRandom random{key}, again{key};
    const std::vector<float> result = distorted(samples, 16000.0, random);
    EXPECT_EQ(distorted(samples, 16000.0, again), result);
    EXPECT_EQ(result.size(), samples.size());
    EXPECT_NE(result, samples);
    for (const float sample : result) {
      ASSERT_TRUE(std::isfinite(sample));
      ASSERT_LE(std::abs(sample), 1.5F);
    }
    results.insert(result);
  }
  EXPECT_GT(results.size(), 10U);
}

TEST(Distortion, ClipsSomeRecordingsAndRoundsOthersToAFewSteps) {
  const std::vector<float> samples = two_tones();
  std::map<std::string, int> seen;
  for (std::uint64_t key = 0; key < 60; ++key) {
    KeyedRandom random{key};
    const std::vector<float> result = distorted(samples, 16000.0, random);
    const auto beyond = std::count_if(result.begin(), result.end(),
                                      [](float sample) { return std::abs(sample) >= 1.0F; });
    const auto part = static_cast<double>(beyond) / static_cast<double>(result.size());
    double squares = 0.0;
    for (const float sample : result) squares += std::pow(32768.0 * sample, 2.0);
    const double steps = std::sqrt(squares / static_cast<double>(result.size()));
    if (part > 5e-4) {
      EXPECT_LE(part, 0.21);
      ++seen["clipped"];
    } else if (is_rounded(result) && steps < 17.0) {
      EXPECT_GT(steps, 0.8);
      ++seen["rounded"];
    } else {
      ++seen["coded"];
    }
  }
  EXPECT_GE(seen["clipped"], 3);
  EXPECT_GE(seen["rounded"], 3);
  EXPECT_GE(seen["coded"], 20);
}

TEST(Distortion, LeavesSilenceAndNothingAsTheyAre) {
  for (std::uint64_t key = 0; key < 12; ++key) {
    KeyedRandom random{key};
    for (const float sample : distorted(std::vector<float>(4000), 16000.0, random)) {
      EXPECT_NEAR(sample, 0.0F, 1e-3F);
    }
    EXPECT_TRUE(distorted({}, 16000.0, random).empty());
  }
}

}  // namespace
}  // namespace harpy
