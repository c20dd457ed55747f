#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "acoustic/training/dataset.hpp"
#include "acoustic/training/feature_pack.hpp"
#include "acoustic/training/minibatch.hpp"
#include "tests/acoustic/training/test_data.hpp"
#include "tests/support/allocated_bytes.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

constexpr std::int64_t kUtterances = 100'000;

/// An utterance of a few seconds, with as long names and as many labels as those of real speech.
ManifestEntry read_sentence(std::int64_t number) {
  const std::string name = testing::SyntheticData::numbered("reader-1089/chapter-134686/", number);
  ManifestEntry entry{.source = testing::SyntheticData::numbered("train-clean.jsonl:", number),
                      .id = name,
                      .audio = "/data/speech/" + name + ".flac",
                      .text = "1",
                      .speaker = "1089"};
  for (int label = 0; label < 60; ++label) entry.text += label % 2 == 0 ? " 2" : " 3";
  return entry;
}

/// What a training of so many utterances keeps on the heap while it plans an epoch and when it has:
/// the list and what all of it is made of lie in `folder`, or in memory if that is empty.
struct HeapBytes {
  std::size_t most = 0;
  std::size_t in_the_end = 0;
};
HeapBytes heap_of_training(const std::filesystem::path& folder) {
  const std::size_t before = testing::allocated_bytes();
  HeapBytes heap;
  const auto note = [&heap, before] {
    heap.in_the_end = testing::allocated_bytes() - before;
    heap.most = std::max(heap.most, heap.in_the_end);
  };
  EntryList list(folder);
  for (std::int64_t i = 0; i < kUtterances; ++i) list.add(read_sentence(i));
  list.finish();
  note();
  const FeatureWork work{list, 1, [](const ManifestEntry&) { return std::vector<float>(130); }, 1,
                         [&note](std::size_t, std::size_t) { note(); }};
  const auto features = [&] {
    if (folder.empty()) {
      return load_features(list, work.dim, work.features, work.thread_count, work.progress);
    }
    pack_features(folder / "pack", 1, work);
    return map_features(folder / "pack", 1).value();
  };
  const Dataset dataset({&list, 1}, {features()}, testing::SyntheticData::labels,
                        {.folder = folder});
  note();
  const Augmentation augmentation({}, {20.0, 8000.0, 1});
  const LengthGroups groups({100, 200, 3, 8});
  const BatchSource source{&dataset, &augmentation, &groups, 4000};
  const auto plans = plan_epoch(source, {1, 0});
  note();
  EXPECT_EQ(dataset.utterances().size(), static_cast<std::size_t>(kUtterances));
  EXPECT_EQ(make_minibatch(source, {1, 0}, plans.front()).targets.front().labels.size(), 61U);
  return heap;
}

TEST(DatasetMemory, AnUtteranceTakesAFewBytesIfItsListLiesInAFile) {
  if (testing::allocated_bytes() == 0) GTEST_SKIP() << "needs the C library's own allocator";
  const testing::TemporaryDirectory directory;
  const HeapBytes stored = heap_of_training(directory.path());
  EXPECT_LT(stored.in_the_end, 8 * kUtterances) << "the order of an epoch";
  EXPECT_LT(stored.most, 40 * kUtterances);
  EXPECT_GT(heap_of_training({}).in_the_end, 500 * kUtterances) << "the same in memory";
}

}  // namespace
}  // namespace harpy
