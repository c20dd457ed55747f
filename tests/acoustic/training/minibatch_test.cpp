#include "acoustic/training/minibatch.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/acoustic/training/test_data.hpp"

namespace harpy {
namespace {

constexpr AugmentationOptions kOptions{0.1, 0.05, 1.0, 1, 5, 0.2, 1, 2};

/// A data set with all that is needed to draw minibatches from it.
struct Source {
  explicit Source(Dataset data)
      : dataset(std::move(data)),
        augmentation(kOptions, {20.0, 8000.0, dataset.dim()}),
        groups(LengthGroupsOptions{15, 60, 3, 8}) {}

  BatchSource batches(std::int64_t batch_frames) const {
    return {&dataset, &augmentation, &groups, batch_frames};
  }

  Dataset dataset;
  Augmentation augmentation;
  LengthGroups groups;
};

Source synthetic(std::int64_t count) {
  testing::SyntheticData data;
  data.utterance_count = count;
  return Source(data.dataset());
}

TEST(EpochPlan, MicrobatchesOfAllRanksAreItsMinibatches) {
  const Source source = synthetic(100);
  const std::vector<BatchPlan> plans = plan_epoch(source.batches(150), {7, 0});
  constexpr std::int64_t kCount = 6;
  for (const std::int64_t each : {1, 2, 3, 6}) {
    std::vector<std::vector<BatchPlan>> of_ranks;
    for (std::int64_t begin = 0; begin < kCount; begin += each) {
      of_ranks.push_back(cut_minibatches(plans, {kCount, begin, begin + each}));
      ASSERT_EQ(of_ranks.back().size(), plans.size() * static_cast<std::size_t>(each));
    }
    for (std::size_t i = 0; i < plans.size(); ++i) {
      std::size_t smallest = plans[i].utterances.size();
      std::size_t largest = 0;
      std::vector<std::uint32_t> joined;
      double shares = 0.0;
      for (const std::vector<BatchPlan>& parts : of_ranks) {
        for (std::size_t part = 0; part < static_cast<std::size_t>(each); ++part) {
          const BatchPlan& plan = parts[i * static_cast<std::size_t>(each) + part];
          EXPECT_EQ(plan.frame_count, plans[i].frame_count);
          joined.insert(joined.end(), plan.utterances.begin(), plan.utterances.end());
          shares += plan.share;
          smallest = std::min(smallest, plan.utterances.size());
          largest = std::max(largest, plan.utterances.size());
        }
      }
      EXPECT_EQ(joined, plans[i].utterances);
      EXPECT_NEAR(shares, 1.0, 1e-12);
      EXPECT_LE(largest, smallest + 1);
    }
  }
}

TEST(Minibatch, WithoutUtterancesIsEmpty) {
  const Source source = synthetic(3);
  const Minibatch batch = make_minibatch(source.batches(100), {7, 0}, {20, {}, 0.0});
  EXPECT_EQ(batch.shape, (Shape{0, 20, 6}));
  EXPECT_TRUE(batch.features.empty());
  EXPECT_TRUE(batch.targets.empty());
  EXPECT_EQ(batch.share, 0.0);
}

TEST(EpochPlan, HasEveryUtteranceOnceAndFewLengths) {
  const Source source = synthetic(300);
  for (const std::int64_t batch_frames : {1, 50, 300, 100000}) {
    for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
      std::multiset<std::size_t> seen;
      std::set<std::int64_t> lengths;
      for (const BatchPlan& plan : plan_epoch(source.batches(batch_frames), {7, epoch})) {
        EXPECT_FALSE(plan.utterances.empty());
        EXPECT_TRUE(plan.utterances.size() == 1 ||
                    static_cast<std::int64_t>(plan.utterances.size()) * plan.frame_count <=
                        batch_frames);
        lengths.insert(plan.frame_count);
        seen.insert(plan.utterances.begin(), plan.utterances.end());
        for (const std::size_t i : plan.utterances) {
          EXPECT_GE(plan.frame_count, source.dataset.utterances()[i].minimum_frame_count);
        }
      }
      EXPECT_EQ(seen.size(), 300U);
      EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 300U);
      EXPECT_LE(lengths.size(), 8U);
    }
  }
}

/// Utterances of which every feature tells the speed: 0, 1 or 2; slow ones are longer.
Source at_three_speeds(std::int64_t count) {
  std::vector<ManifestEntry> entries;
  for (std::int64_t i = 0; i < count; ++i) {
    entries.emplace_back();
    entries.back().id = std::to_string(i);
    entries.back().text = "1 2";
  }
  std::vector<FeatureStore> stores;
  for (const std::size_t frames : {30U, 40U, 22U}) {
    const std::vector<Half> values(6 * frames, to_half(static_cast<float>(stores.size())));
    stores.emplace_back(6, std::vector<FeatureStore::Item>(entries.size(), {values, ""}));
  }
  RecordingFeatures features{std::move(stores.front())};
  features.at_speeds.push_back(std::move(stores[1]));
  features.at_speeds.push_back(std::move(stores[2]));
  const EntryList list(entries);
  return Source(Dataset({&list, 1}, std::move(features), testing::SyntheticData::labels, {}));
}

TEST(Minibatch, EachSpeedIsDrawnAsOftenAndFollowsFromTheKey) {
  Source source = at_three_speeds(300);
  source.augmentation = Augmentation({0.0, 0.0, 0.0, 0, 0, 0.0, 0, 0}, {20.0, 8000.0, 6});
  const BatchSource batches = source.batches(600);
  std::vector<std::map<std::size_t, int>> speed_of(2);
  std::map<int, int> count_of;
  for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
    for (const BatchPlan& plan : plan_epoch(batches, {7, epoch})) {
      const Minibatch batch = make_minibatch(batches, {7, epoch}, plan);
      EXPECT_EQ(make_minibatch(batches, {7, epoch}, plan).features, batch.features);
      for (std::size_t b = 0; b < plan.utterances.size(); ++b) {
        const auto stride = static_cast<std::size_t>(plan.frame_count) * 6;
        const int speed = static_cast<int>(batch.features[b * stride]);
        speed_of[epoch][plan.utterances[b]] = speed;
        ++count_of[speed];
      }
      EXPECT_EQ(batch.source_frames, 30 * static_cast<std::int64_t>(plan.utterances.size()));
    }
  }
  ASSERT_EQ(count_of.size(), 3U);
  for (const auto& [speed, count] : count_of) EXPECT_NEAR(count, 200, 40) << speed;
  EXPECT_NE(speed_of[0], speed_of[1]);
}

TEST(Minibatch, DistortedCopiesAreDrawnAsOftenAsAskedFor) {
  std::vector<ManifestEntry> entries(400);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].id = std::to_string(i);
    entries[i].text = "1 2";
  }
  const auto store_of = [&](float value) {
    const std::vector<Half> values(6 * 30, to_half(value));
    return FeatureStore(6, std::vector<FeatureStore::Item>(entries.size(), {values, ""}));
  };
  RecordingFeatures features{store_of(1.0F)};
  features.distorted = store_of(2.0F);
  const EntryList list(entries);
  Source source(Dataset({&list, 1}, std::move(features), testing::SyntheticData::labels, {}));
  source.augmentation = Augmentation({0.0, 0.0, 0.0, 0, 0, 0.0, 0, 0}, {20.0, 8000.0, 6});
  for (const double probability : {0.0, 0.25, 1.0}) {
    BatchSource batches = source.batches(600);
    batches.distortion_probability = probability;
    int distorted = 0;
    for (const BatchPlan& plan : plan_epoch(batches, {7, 0})) {
      const Minibatch batch = make_minibatch(batches, {7, 0}, plan);
      const auto stride = static_cast<std::size_t>(plan.frame_count) * 6;
      for (std::size_t b = 0; b < plan.utterances.size(); ++b) {
        distorted += batch.features[b * stride] == 2.0F ? 1 : 0;
      }
    }
    EXPECT_NEAR(distorted, 400 * probability, probability == 0.25 ? 40 : 0);
  }
}

TEST(EpochPlan, StretchesLittle) {
  const Source source = synthetic(300);
  for (const BatchPlan& plan : plan_epoch(source.batches(600), {7, 1})) {
    for (const std::size_t i : plan.utterances) {
      const double ratio = static_cast<double>(plan.frame_count) /
                           static_cast<double>(source.dataset.utterances()[i].frame_count);
      EXPECT_GT(ratio, 0.75);
      EXPECT_LT(ratio, 1.6);
    }
  }
}

TEST(EpochPlan, MovesSmallLeftoversOn) {
  const Source source = synthetic(300);
  std::size_t small = 0;
  const auto plans = plan_epoch(source.batches(600), {7, 1});
  for (const BatchPlan& plan : plans) {
    const std::int64_t full = 600 / plan.frame_count;
    if (2 * static_cast<std::int64_t>(plan.utterances.size()) < full) ++small;
  }
  EXPECT_LE(small, 2U);
}

TEST(EpochPlan, DiffersBetweenEpochsAndSeedsOnly) {
  const Source source = synthetic(100);
  const auto order = [&](const EpochKey& key) {
    std::vector<std::size_t> all;
    for (const BatchPlan& plan : plan_epoch(source.batches(300), key)) {
      all.insert(all.end(), plan.utterances.begin(), plan.utterances.end());
    }
    return all;
  };
  EXPECT_EQ(order({1, 1}), order({1, 1}));
  EXPECT_NE(order({1, 1}), order({1, 2}));
  EXPECT_NE(order({1, 1}), order({2, 1}));
}

/// What each utterance's features are in an epoch, by its key.
std::map<std::uint64_t, std::vector<float>> features_by_key(const Source& source,
                                                            const EpochKey& key) {
  std::map<std::uint64_t, std::vector<float>> features;
  const BatchSource batches = source.batches(300);
  for (const BatchPlan& plan : plan_epoch(batches, key)) {
    const Minibatch batch = make_minibatch(batches, key, plan);
    const auto size = static_cast<std::size_t>(batch.shape[1] * batch.shape[2]);
    for (std::size_t b = 0; b < plan.utterances.size(); ++b) {
      const Utterance& utterance = source.dataset.utterances()[plan.utterances[b]];
      EXPECT_TRUE(std::ranges::equal(batch.targets[b].labels, source.dataset.labels(utterance)));
      const auto begin = batch.features.begin() + static_cast<std::ptrdiff_t>(b * size);
      features[utterance.key] = {begin, begin + static_cast<std::ptrdiff_t>(size)};
    }
  }
  return features;
}

TEST(Minibatch, DoesNotDependOnTheOrderOfTheDataSet) {
  const testing::SyntheticData data;
  std::vector<ManifestEntry> reversed = data.entries();
  std::reverse(reversed.begin(), reversed.end());
  const Source forwards(data.dataset());
  const Source backwards(data.dataset_of(reversed));
  EXPECT_EQ(features_by_key(forwards, {3, 4}), features_by_key(backwards, {3, 4}));
}

TEST(MinibatchLoader, GivesThePlannedMinibatchesInOrderFromAnyPlace) {
  const Source source = synthetic(60);
  const BatchSource batches = source.batches(200);
  const EpochKey key{5, 2};
  const auto plans = plan_epoch(batches, key);
  for (const std::size_t first : {std::size_t{0}, plans.size() / 2, plans.size()}) {
    MinibatchLoader loader(batches, key, plans, first);
    for (std::size_t i = first; i < plans.size(); ++i) {
      const auto batch = loader.next();
      ASSERT_TRUE(batch.has_value());
      const Minibatch expected = make_minibatch(batches, key, plans[i]);
      EXPECT_EQ(batch->shape, expected.shape);
      EXPECT_EQ(batch->features, expected.features);
      EXPECT_EQ(batch->source_frames, expected.source_frames);
    }
    EXPECT_FALSE(loader.next().has_value());
    EXPECT_FALSE(loader.next().has_value());
  }
}

TEST(MinibatchLoader, MayGoBeforeTheEndOfTheEpoch) {
  const Source source = synthetic(60);
  const BatchSource batches = source.batches(100);
  const auto plans = plan_epoch(batches, {1, 1});
  for (int i = 0; i < 20; ++i) {
    // Its destructor must end the filling thread, whether that waits or works: a loader that waits
    // for ever shows as a time-out.
    MinibatchLoader loader(batches, {1, 1}, plans, 0);
    if (i % 2 == 0) {
      EXPECT_TRUE(loader.next().has_value());
    }
  }
}

TEST(MinibatchLoader, PassesOnWhatFillingThrows) {
  const Source source = synthetic(6);
  const BatchSource batches = source.batches(100);
  MinibatchLoader loader(batches, {1, 1}, {BatchPlan{0, {0}}}, 0);
  EXPECT_THROW(loader.next(), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
