#include "acoustic/training/feature_pack.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/acoustic/training/test_data.hpp"
#include "tests/support/allocated_bytes.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr std::uint64_t kKey = 42;

class FeaturePack : public ::testing::Test {
 protected:
  /// Packs the recordings, of which "u0" cannot be used.
  void pack(const testing::SyntheticData& data, int threads) const {
    const std::vector<ManifestEntry> entries = data.entries();
    pack_features(path_, kKey, {entries, data.dim, some_bad(data), threads, no_progress});
  }
  static FeatureFunction some_bad(const testing::SyntheticData& data) {
    return [good = data.features()](const ManifestEntry& entry) {
      if (entry.id == "u0") throw std::runtime_error("u0 is bad");
      return good(entry);
    };
  }
  static void no_progress(std::size_t, std::size_t) {}

  std::string bytes() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& bytes) const {
    const std::filesystem::path other = directory_.path() / "other";
    std::ofstream(other, std::ios::binary) << bytes;
    std::filesystem::rename(other, path_);  // a mapped file is never written into
  }
  /// What is said of it when all of it is read; empty: nothing.
  std::string refusal(std::uint64_t key = kKey) const {
    try {
      const FeatureStore store = map_features(path_, key).value();
      for (std::size_t i = 0; i < store.size(); ++i) store.entry(i).features.values();
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr(path_.string()));
      return error.what();
    }
    return "";
  }

  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "pack";
};

TEST_F(FeaturePack, HasWhatIsComputedInMemory) {
  const testing::SyntheticData data;
  const std::vector<ManifestEntry> entries = data.entries();
  const FeatureStore expected = load_features(entries, data.dim, some_bad(data), 1, no_progress);
  for (const int threads : {1, 4}) {
    pack(data, threads);
    const FeatureStore mapped = map_features(path_, kKey).value();
    EXPECT_EQ(mapped.dim(), data.dim);
    ASSERT_EQ(mapped.size(), entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      EXPECT_TRUE(std::ranges::equal(mapped.entry(i).features.values(),
                                     expected.entry(i).features.values()))
          << i;
      EXPECT_EQ(mapped.entry(i).error, expected.entry(i).error);
    }
    EXPECT_EQ(mapped.entry(0).error, "u0 is bad");
  }
}

TEST_F(FeaturePack, AMissingFileOrOneOfAnOlderFormIsNone) {
  EXPECT_FALSE(map_features(path_, kKey));
  write("HFSTORE1 and whatever came behind it");
  EXPECT_FALSE(map_features(path_, kKey));
}

TEST_F(FeaturePack, IsOfItsKeyAlone) {
  pack({}, 1);
  EXPECT_EQ(refusal(), "");
  EXPECT_THAT(refusal(kKey + 1), HasSubstr("made of other recordings"));
}

TEST_F(FeaturePack, TellsEveryTruncationAndAlteredByte) {
  testing::SyntheticData data;
  data.utterance_count = 3;
  data.dim = 5;
  pack(data, 1);
  const std::string good = bytes();
  ASSERT_EQ(refusal(), "");
  write(good + "x");
  EXPECT_THAT(refusal(), HasSubstr("(truncated); remove it"));
  for (std::size_t i = 0; i < good.size(); i += 1 + i / 64) {
    write(good.substr(0, i));
    EXPECT_THAT(refusal(), HasSubstr("(truncated); remove it")) << i;
    std::string altered = good;
    altered[i] = static_cast<char>(altered[i] ^ 0x40);
    write(altered);
    EXPECT_THAT(refusal(), AnyOf(HasSubstr("damaged"), HasSubstr("(truncated)"))) << i;
  }
}

TEST_F(FeaturePack, DamagedValuesAreToldOfTheirRecordingAlone) {
  testing::SyntheticData data;
  data.utterance_count = 5;
  pack(data, 1);
  std::string altered = bytes();
  altered[8] ^= 1;  // the first value of the first recording that has some
  write(altered);
  const FeatureStore store = map_features(path_, kKey).value();
  EXPECT_THROW(store.entry(1).features.values(), std::runtime_error);
  EXPECT_FALSE(store.entry(2).features.values().empty());
}

TEST_F(FeaturePack, MakingAndUsingItTakesTheMemoryOfItsIndexAlone) {
  constexpr std::size_t kRecordings = 1000;
  constexpr std::size_t kValues = 40'000;                // 80 MB at half precision
  constexpr std::size_t kIndexBytes = 40 * kRecordings;  // until it is written
  const EntryList entries{std::vector<ManifestEntry>(kRecordings)};
  const std::size_t before = testing::allocated_bytes();
  if (before == 0) GTEST_SKIP() << "needs the C library's own allocator";
  std::size_t most = 0;
  pack_features(
      path_, kKey,
      {entries, 80, [](const ManifestEntry&) { return std::vector<float>(kValues, 0.5F); }, 2,
       [&most](std::size_t, std::size_t) { most = std::max(most, testing::allocated_bytes()); }});
  // Two threads have a recording each as floats and halves, and one may be on its way to the file.
  EXPECT_LT(most, before + kIndexBytes + 4 * 6 * kValues);
  const FeatureStore store = map_features(path_, kKey).value();
  for (std::size_t i = 0; i < store.size(); ++i) {
    ASSERT_EQ(to_float(store.entry(i).features.values().back()), 0.5F);
  }
  EXPECT_LT(testing::allocated_bytes(), before + kIndexBytes);
}

TEST(FeaturePackKey, DependsOnRecordingsTimesAndFeatures) {
  const testing::SyntheticData data;
  const auto entries = data.entries();
  const std::uint64_t key = feature_pack_key(entries, "fbank 80");
  EXPECT_EQ(feature_pack_key(entries, "fbank 80"), key);
  EXPECT_NE(feature_pack_key(entries, "fbank 40"), key);
  auto changed = entries;
  changed[2].start_s = 0.5;
  EXPECT_NE(feature_pack_key(changed, "fbank 80"), key);
  changed = entries;
  changed[2].audio = "elsewhere.wav";
  EXPECT_NE(feature_pack_key(changed, "fbank 80"), key);
  changed.pop_back();
  EXPECT_NE(feature_pack_key(changed, "fbank 80"), key);
}

}  // namespace
}  // namespace harpy
