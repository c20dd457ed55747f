#include "acoustic/training/dataset.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/acoustic/training/test_data.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;

constexpr auto kNoProgress = [](std::size_t, std::size_t) {};

/// Of one manifest, in memory.
Dataset dataset_of(const std::vector<ManifestEntry>& entries, RecordingFeatures features,
                   const LabelFunction& labels, std::int64_t subsampling = 1) {
  const EntryList list(entries);
  return {{&list, 1}, std::move(features), labels, {.subsampling = subsampling}};
}

TEST(Dataset, KeepsEveryGoodUtteranceInOrder) {
  const testing::SyntheticData data;
  const Dataset dataset = data.dataset();
  ASSERT_EQ(dataset.utterances().size(), 24U);
  EXPECT_TRUE(dataset.rejected().empty());
  std::int64_t frames = 0;
  for (const Utterance& utterance : dataset.utterances()) {
    EXPECT_EQ(utterance.frame_count,
              6 * static_cast<std::int64_t>(dataset.labels(utterance).size()));
    EXPECT_EQ(static_cast<std::int64_t>(dataset.features(utterance).size()),
              utterance.frame_count * dataset.dim());
    frames += utterance.frame_count;
  }
  EXPECT_EQ(dataset.frame_count(), frames);
  EXPECT_EQ(dataset.utterances()[7].key, hash_text("u7"));
}

TEST(Dataset, ListsWhatItLeavesOutWithPlaceAndReason) {
  const testing::SyntheticData data;
  std::vector<ManifestEntry> entries = data.entries();
  FeatureStore store = load_features(
      entries, data.dim,
      [&](const ManifestEntry& entry) {
        if (entry.id == "u1") throw std::runtime_error("u1.wav: no such file");
        return data.features()(entry);
      },
      1, kNoProgress);
  entries[2].text = "";
  entries[3].text = "9";
  entries[4].text = "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1";
  const LabelFunction labels = [](const std::string& text) {
    if (text == "9") throw std::runtime_error("not in the lexicon: NINE");
    return testing::SyntheticData::labels(text);
  };
  const Dataset dataset = dataset_of(entries, {std::move(store)}, labels);
  EXPECT_EQ(dataset.utterances().size(), 20U);
  ASSERT_EQ(dataset.rejected().size(), 4U);
  EXPECT_EQ(dataset.rejected()[0].source, "synthetic:2");
  EXPECT_EQ(dataset.rejected()[0].id, "u1");
  EXPECT_EQ(dataset.rejected()[0].reason, "u1.wav: no such file");
  EXPECT_EQ(dataset.rejected()[1].reason, "no transcript");
  EXPECT_EQ(dataset.rejected()[2].reason, "not in the lexicon: NINE");
  EXPECT_THAT(dataset.rejected()[3].reason, HasSubstr("needs 59 output frames"));
}

TEST(Dataset, CountsTheBlanksBetweenEqualLabels) {
  ManifestEntry entry;
  entry.text = "1 1 2";  // needs 4 output frames, 10 input frames at a subsampling of 3
  for (const std::int64_t frames : {9, 10}) {
    FeatureStore store(1, {{std::vector<Half>(static_cast<std::size_t>(frames)), ""}});
    const Dataset dataset =
        dataset_of({entry}, {std::move(store)}, testing::SyntheticData::labels, 3);
    EXPECT_EQ(dataset.utterances().size(), frames == 10 ? 1U : 0U);
    for (const Utterance& utterance : dataset.utterances()) {
      EXPECT_EQ(utterance.minimum_frame_count, 10);
    }
  }
}

TEST(Dataset, KeepsRecordingsInWhichNobodySpeaks) {
  std::vector<ManifestEntry> entries(2);
  entries[1].is_background = true;
  FeatureStore store(1, {{std::vector<Half>(1), ""}, {std::vector<Half>(1), ""}});
  const LabelFunction labels = [](const std::string&) -> std::vector<std::int32_t> {
    throw std::logic_error("a background has no transcript to be asked for");
  };
  const Dataset dataset = dataset_of(entries, {std::move(store)}, labels, 3);
  ASSERT_EQ(dataset.utterances().size(), 1U);
  EXPECT_EQ(dataset.utterances()[0].label_count, 0U);
  EXPECT_EQ(dataset.utterances()[0].minimum_frame_count, 1);
  ASSERT_EQ(dataset.rejected().size(), 1U);
  EXPECT_EQ(dataset.rejected()[0].reason, "no transcript");
}

TEST(Dataset, FingerprintTellsDataApart) {
  testing::SyntheticData data;
  const std::uint64_t fingerprint = data.dataset().fingerprint();
  EXPECT_EQ(data.dataset().fingerprint(), fingerprint);
  data.utterance_count = 23;
  EXPECT_NE(data.dataset().fingerprint(), fingerprint);
}

TEST(Dataset, HasItsRecordingsAtOtherSpeeds) {
  std::vector<ManifestEntry> entries(2);
  entries[0].id = "a";
  entries[1].id = "b";
  entries[0].text = entries[1].text = "1 2";
  const auto store_of = [](std::size_t frames, const std::string& second_error) {
    const std::vector<Half> values(frames, to_half(static_cast<float>(frames)));
    return FeatureStore(
        1, {{values, ""}, {second_error.empty() ? values : std::vector<Half>(), second_error}});
  };
  RecordingFeatures features{store_of(10, "")};
  features.at_speeds.push_back(store_of(11, ""));
  features.at_speeds.push_back(store_of(9, "shorter than one frame"));
  const Dataset dataset = dataset_of(entries, std::move(features), testing::SyntheticData::labels);
  ASSERT_EQ(dataset.utterances().size(), 1U);
  const Utterance& utterance = dataset.utterances()[0];
  EXPECT_EQ(dataset.text(utterance), "1 2");
  EXPECT_EQ(utterance.frame_count, 10);
  ASSERT_EQ(dataset.speed_count(), 2U);
  EXPECT_EQ(dataset.features_at_speed(utterance, 0).size(), 11U);
  EXPECT_EQ(to_float(dataset.features_at_speed(utterance, 1).values().front()), 9.0F);
  ASSERT_EQ(dataset.rejected().size(), 1U);
  EXPECT_EQ(dataset.rejected()[0].reason, "at another speed: shorter than one frame");
  EXPECT_EQ(dataset.frame_count(), 10);

  RecordingFeatures wider{store_of(10, "")};
  wider.at_speeds.emplace_back(2, std::vector<FeatureStore::Item>(2));
  EXPECT_THROW(dataset_of(entries, std::move(wider), testing::SyntheticData::labels),
               std::invalid_argument);
}

TEST(Dataset, HasDistortedCopiesOfItsRecordings) {
  std::vector<ManifestEntry> entries(2);
  entries[0].id = "a";
  entries[1].id = "b";
  entries[0].text = entries[1].text = "1 2";
  const std::vector<Half> plain(10, to_half(1.0F)), distorted(10, to_half(2.0F));
  RecordingFeatures features{FeatureStore(1, {{plain, ""}, {plain, ""}})};
  features.distorted = FeatureStore(1, {{distorted, ""}, {{}, "no codec"}});
  const Dataset dataset = dataset_of(entries, std::move(features), testing::SyntheticData::labels);
  ASSERT_TRUE(dataset.has_distorted());
  ASSERT_EQ(dataset.utterances().size(), 1U);
  const Utterance& utterance = dataset.utterances()[0];
  EXPECT_EQ(to_float(dataset.features(utterance).values().front()), 1.0F);
  EXPECT_EQ(to_float(dataset.distorted_features(utterance).values().front()), 2.0F);
  ASSERT_EQ(dataset.rejected().size(), 1U);
  EXPECT_EQ(dataset.rejected()[0].reason, "distorted: no codec");

  RecordingFeatures too_few{FeatureStore(1, {{plain, ""}, {plain, ""}})};
  too_few.distorted = FeatureStore(1, {{distorted, ""}});
  EXPECT_THROW(dataset_of(entries, std::move(too_few), testing::SyntheticData::labels),
               std::invalid_argument);
}

TEST(Dataset, RefusesCountsThatDoNotFit) {
  const testing::SyntheticData data;
  EXPECT_THROW(dataset_of(data.entries(), {FeatureStore(1, {})}, data.labels),
               std::invalid_argument);
  EXPECT_THROW(dataset_of({}, {FeatureStore(1, {})}, data.labels, 0), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
