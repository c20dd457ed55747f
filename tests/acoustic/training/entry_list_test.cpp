#include "acoustic/training/entry_list.hpp"

#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

TEST(EntryList, GivesEveryFieldBackFromMemoryAndFromAFile) {
  const testing::TemporaryDirectory directory;
  std::vector<ManifestEntry> entries(3);
  entries[0] = {.source = "set.jsonl:1",
                .id = "a",
                .audio = "/audio/a.flac",
                .text = "GRÜN\nAND WHITE",
                .speaker = "s1",
                .start_s = 0.5,
                .end_s = 2.25,
                .duration_s = 1.75,
                .channel = 1,
                .is_background = false};
  entries[1].id = "b";
  entries[2].is_background = true;
  for (const std::filesystem::path& folder : {std::filesystem::path(), directory.path()}) {
    EntryList list(folder);
    for (const ManifestEntry& entry : entries) list.add(entry);
    list.finish();
    ASSERT_EQ(list.size(), 3U);
    for (std::size_t i = 0; i < list.size(); ++i) {
      const ManifestEntry found = list[i];
      EXPECT_EQ(found.source, entries[i].source);
      EXPECT_EQ(found.id, entries[i].id);
      EXPECT_EQ(found.audio, entries[i].audio);
      EXPECT_EQ(found.text, entries[i].text);
      EXPECT_EQ(found.speaker, entries[i].speaker);
      EXPECT_EQ(found.start_s, entries[i].start_s);
      EXPECT_EQ(found.end_s, entries[i].end_s);
      EXPECT_EQ(found.duration_s, entries[i].duration_s);
      EXPECT_EQ(found.channel, entries[i].channel);
      EXPECT_EQ(found.is_background, entries[i].is_background);
    }
  }
}

}  // namespace
}  // namespace harpy
