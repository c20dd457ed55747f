#include "tools/merge/shard_results.hpp"

#include <fstream>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ShardResultsTest : public ::testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& text) const {
    const fs::path path = directory_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  fs::path folder(const std::string& name) const { return directory_.path() / name; }

  std::string merged(const std::vector<fs::path>& parts, OutputFormat format) const {
    std::string text;
    merge_results(ShardResults(parts, format), format, recordings_,
                  [&text](std::string_view piece) { text += piece; });
    return text;
  }
  static std::string error_of(const std::vector<fs::path>& parts, OutputFormat format) {
    try {
      ShardResults results(parts, format);
      return "none";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  harpy::testing::TemporaryDirectory directory_;
  const std::vector<Recording> recordings_{
      {.id = "x/a.wav", .name = "a"}, {.id = "x/b.wav", .name = "b"}, {.id = "c\n", .name = "c"}};
};

TEST_F(ShardResultsTest, TextOfFilesAndFoldersComesInTheOrderOfTheRecordings) {
  const auto one = write("1.txt", "c\\n\tTHREE\n");
  const auto two = write("2.txt", "x/b.wav\tTWO\twith tab\nx/a.wav\t\n");
  EXPECT_EQ(merged({one, two}, OutputFormat::kText),
            "x/a.wav\t\nx/b.wav\tTWO\twith tab\nc\\n\tTHREE\n");
  write("out/a.txt", "ONE\nAND MORE\n");
  write("out/b.txt", "");
  EXPECT_EQ(merged({one, folder("out")}, OutputFormat::kText),
            "x/a.wav\tONE AND MORE\nx/b.wav\t\nc\\n\tTHREE\n");
}

TEST_F(ShardResultsTest, JsonKeepsItsNumbersAndTheHeaderOfTheFirstDocument) {
  const auto one = write("1.json",
                         "{\"harpy\": \"1\", \"recordings\": [\n  {\"id\": \"x/b.wav\", "
                         "\"duration_s\": 0.1}\n]}\n");
  write("out/a.json", R"({"harpy": "2", "recordings": [{"id": "x/a.wav", "words": [1.05, 2]}]})");
  EXPECT_EQ(merged({one, folder("out")}, OutputFormat::kJson),
            "{\"harpy\": \"1\", \"recordings\": [\n  {\"id\": \"x/a.wav\", \"words\": [1.05, 2]},\n"
            "  {\"id\": \"x/b.wav\", \"duration_s\": 0.1}\n]}\n");
  EXPECT_EQ(merged({}, OutputFormat::kJson), "{\"recordings\": [\n  \n]}\n");
}

TEST_F(ShardResultsTest, WhatIsMissingRepeatedOrUnknownIsFound) {
  const auto one = write("1.jsonl", "{\"id\": \"x/b.wav\"}\n{\"id\": \"x/b.wav\"}\n");
  const auto two = write("2.jsonl", "{\"id\": \"x/d.wav\"}\n{\"id\": \"x/a.wav\"}\n");
  write("out/a.jsonl", "{\"id\": \"x/a.wav\", \"n\": 1}\n");
  const ShardResults results({one, two, folder("out")}, OutputFormat::kJsonLines);
  const MergeFaults faults = find_merge_faults(results, recordings_);
  EXPECT_THAT(faults.missing, ElementsAre("c\n"));
  EXPECT_THAT(faults.repeated, ElementsAre("x/a.wav", "x/b.wav"));
  EXPECT_EQ(faults.unknown_count, 1U);
  EXPECT_EQ(merged({one, two, folder("out")}, OutputFormat::kJsonLines),
            "{\"id\": \"x/a.wav\", \"n\": 1}\n{\"id\": \"x/b.wav\"}\n");
}

TEST_F(ShardResultsTest, OtherFormsAreJoinedFromFolders) {
  write("1/a.ctm", "a 1 0.0 0.1 ONE\n");
  write("2/b.ctm", "");
  write("2/c.ctm", "c 1 0.0 0.1 THREE\n");
  EXPECT_EQ(merged({folder("2"), folder("1")}, OutputFormat::kCtm),
            "a 1 0.0 0.1 ONE\nc 1 0.0 0.1 THREE\n");
  EXPECT_THAT(error_of({write("1.ctm", "")}, OutputFormat::kCtm),
              HasSubstr("1.ctm: not a folder, and files are joined only in text, json and jsonl"));
  EXPECT_THROW(merged({folder("1")}, OutputFormat::kSrt), std::invalid_argument);
}

TEST_F(ShardResultsTest, PartsThatCannotBeReadAreOneError) {
  EXPECT_THAT(error_of({"absent.jsonl"}, OutputFormat::kJsonLines), HasSubstr("absent.jsonl"));
  EXPECT_EQ(error_of({write("empty.jsonl", "")}, OutputFormat::kJsonLines), "none");
  EXPECT_THAT(error_of({write("cut.jsonl", "{\"id\": \"a\"}\n{\"id\"")}, OutputFormat::kJsonLines),
              HasSubstr("cut.jsonl:2: the line is cut off"));
  EXPECT_THAT(error_of({write("a.jsonl", "[]\n")}, OutputFormat::kJsonLines),
              HasSubstr("a.jsonl:1: not a JSON object"));
  EXPECT_THAT(error_of({write("b.jsonl", "{}\n")}, OutputFormat::kJsonLines),
              HasSubstr("b.jsonl:1: a recording without the text 'id'"));
  EXPECT_THAT(error_of({write("c.txt", "HELLO\n")}, OutputFormat::kText),
              HasSubstr("c.txt:1: no id and tab before the words"));
  EXPECT_THAT(error_of({write("d.json", "{\"recordings\": [\n")}, OutputFormat::kJson),
              HasSubstr("d.json: not JSON"));
  EXPECT_THAT(error_of({write("e.json", "{}")}, OutputFormat::kJson),
              HasSubstr("e.json: not a document of harpy transcribe"));
}

}  // namespace
}  // namespace harpy::tools
