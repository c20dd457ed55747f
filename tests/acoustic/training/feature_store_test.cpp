#include "acoustic/training/feature_store.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/acoustic/training/test_data.hpp"

namespace harpy {
namespace {

void no_progress(std::size_t, std::size_t) {}

FeatureStore store_of(const testing::SyntheticData& data, int threads) {
  return load_features(data.entries(), data.dim, data.features(), threads, no_progress);
}

void expect_equal(const FeatureStore& a, const FeatureStore& b) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_EQ(a.dim(), b.dim());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(a.entry(i).features.values(), b.entry(i).features.values()));
    EXPECT_EQ(a.entry(i).error, b.entry(i).error);
  }
}

TEST(FeatureStore, IsTheSameForAnyThreadCount) {
  const testing::SyntheticData data;
  const FeatureStore one = store_of(data, 1);
  expect_equal(one, store_of(data, 4));
  EXPECT_GT(one.frame_count(0), 0);
}

TEST(FeatureStore, ProgressCountsEveryRecordingOnce) {
  const testing::SyntheticData data;
  std::multiset<std::size_t> seen;
  load_features(data.entries(), data.dim, data.features(), 3,
                [&](std::size_t done, std::size_t total) {
                  EXPECT_EQ(total, 24U);
                  seen.insert(done);
                });
  EXPECT_EQ(seen.size(), 24U);
  EXPECT_EQ(*seen.rbegin(), 24U);
}

TEST(FeatureStore, KeepsTheReasonOfABadRecording) {
  const testing::SyntheticData data;
  const FeatureFunction good = data.features();
  const FeatureFunction some_bad = [&](const ManifestEntry& entry) -> std::vector<float> {
    if (entry.id == "u3") throw std::runtime_error("u3.wav: no such file");
    if (entry.id == "u5") return {};
    return good(entry);
  };
  const FeatureStore store = load_features(data.entries(), data.dim, some_bad, 2, no_progress);
  EXPECT_EQ(store.entry(3).error, "u3.wav: no such file");
  EXPECT_EQ(store.entry(5).error, "shorter than one frame");
  EXPECT_EQ(store.frame_count(3), 0);
  EXPECT_EQ(store.entry(4).error, "");
}

TEST(FeatureStore, AMistakeOfTheProgramEndsTheWork) {
  const testing::SyntheticData data;
  EXPECT_THROW(load_features(
                   data.entries(), data.dim,
                   [](const ManifestEntry&) { return std::vector<float>(7); }, 2, no_progress),
               std::logic_error);
  EXPECT_THROW(store_of(data, 0), std::invalid_argument);
}

TEST(FeatureStore, AppendsWhatHasTheSameWidth) {
  const testing::SyntheticData data;
  FeatureStore store = store_of(data, 1);
  store.append(store_of(data, 1));
  ASSERT_EQ(store.size(), 48U);
  EXPECT_TRUE(
      std::ranges::equal(store.entry(24).features.values(), store.entry(0).features.values()));
  EXPECT_THROW(store.append(FeatureStore(3, {})), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
