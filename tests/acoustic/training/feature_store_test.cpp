#include "acoustic/training/feature_store.hpp"

#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/acoustic/training/test_data.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

void no_progress(std::size_t, std::size_t) {}

FeatureStore store_of(const testing::SyntheticData& data, int threads) {
  return load_features(data.entries(), data.dim, data.features(), threads, no_progress);
}

void expect_equal(const FeatureStore& a, const FeatureStore& b) {
  ASSERT_EQ(a.items().size(), b.items().size());
  EXPECT_EQ(a.dim(), b.dim());
  for (std::size_t i = 0; i < a.items().size(); ++i) {
    EXPECT_EQ(a.items()[i].values, b.items()[i].values);
    EXPECT_EQ(a.items()[i].error, b.items()[i].error);
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
  EXPECT_EQ(store.items()[3].error, "u3.wav: no such file");
  EXPECT_EQ(store.items()[5].error, "shorter than one frame");
  EXPECT_EQ(store.frame_count(3), 0);
  EXPECT_EQ(store.items()[4].error, "");
}

TEST(FeatureStore, AMistakeOfTheProgramEndsTheWork) {
  const testing::SyntheticData data;
  EXPECT_THROW(load_features(
                   data.entries(), data.dim,
                   [](const ManifestEntry&) { return std::vector<float>(7); }, 2, no_progress),
               std::logic_error);
  EXPECT_THROW(store_of(data, 0), std::invalid_argument);
}

TEST(FeatureStore, ComesBackFromItsFileAsItWas) {
  const testing::TemporaryDirectory directory;
  const testing::SyntheticData data;
  const FeatureFunction good = data.features();
  const FeatureStore store = load_features(
      data.entries(), data.dim,
      [&](const ManifestEntry& entry) {
        if (entry.id == "u0") throw std::runtime_error("bad");
        return good(entry);
      },
      1, no_progress);
  const std::filesystem::path path = directory.path() / "cache";
  store.save(path, 42);
  FeatureStore loaded;
  ASSERT_TRUE(loaded.load(path, 42));
  expect_equal(store, loaded);
  FeatureStore other;
  EXPECT_FALSE(other.load(path, 43));
  EXPECT_FALSE(other.load(directory.path() / "none", 42));
}

TEST(FeatureStore, AppendsWhatHasTheSameWidth) {
  const testing::SyntheticData data;
  FeatureStore store = store_of(data, 1);
  store.append(store_of(data, 1));
  ASSERT_EQ(store.items().size(), 48U);
  EXPECT_EQ(store.items()[24].values, store.items()[0].values);
  EXPECT_THROW(store.append(FeatureStore(3, {})), std::invalid_argument);
}

TEST(FeatureStore, RefusesEveryTruncationAndAlteredByte) {
  const testing::TemporaryDirectory directory;
  testing::SyntheticData data;
  data.utterance_count = 2;
  data.dim = 5;
  const std::filesystem::path path = directory.path() / "cache";
  store_of(data, 1).save(path, 42);
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto loads = [&](const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    return FeatureStore().load(path, 42);
  };
  ASSERT_TRUE(loads(bytes));
  EXPECT_FALSE(loads(bytes + "x"));
  for (std::size_t i = 0; i < bytes.size(); i += 1 + i / 64) {
    EXPECT_FALSE(loads(bytes.substr(0, i))) << i;
    std::string altered = bytes;
    altered[i] = static_cast<char>(altered[i] ^ 0x40);
    EXPECT_FALSE(loads(altered)) << i;
  }
}

TEST(FeatureStore, CacheKeyDependsOnRecordingsTimesAndFeatures) {
  const testing::SyntheticData data;
  const auto entries = data.entries();
  const std::uint64_t key = feature_cache_key(entries, "fbank 80");
  EXPECT_EQ(feature_cache_key(entries, "fbank 80"), key);
  EXPECT_NE(feature_cache_key(entries, "fbank 40"), key);
  auto changed = entries;
  changed[2].start_s = 0.5;
  EXPECT_NE(feature_cache_key(changed, "fbank 80"), key);
  changed = entries;
  changed[2].audio = "elsewhere.wav";
  EXPECT_NE(feature_cache_key(changed, "fbank 80"), key);
  changed.pop_back();
  EXPECT_NE(feature_cache_key(changed, "fbank 80"), key);
}

}  // namespace
}  // namespace harpy
