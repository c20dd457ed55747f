#include "tools/transcribe/done_records.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"
#include "tools/transcribe/content_mark.hpp"
#include "tools/transcribe/output_writer.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;

class DoneRecordsTest : public ::testing::Test {
 protected:
  DoneRecordsTest() { write("a.wav", "audio"); }

  fs::path path(const std::string& name) const { return directory_.path() / name; }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(path(name).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
  }
  static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  Recording recording() const { return {.id = "a", .name = "a", .audio = path("a.wav")}; }
  DoneRecordsOptions options() const {
    return {.folder = path("out"),
            .formats = {OutputFormat::kText, OutputFormat::kJsonLines},
            .settings = "model 1"};
  }
  DoneRecordsOptions resumed() const {
    DoneRecordsOptions changed = options();
    changed.resumes = true;
    return changed;
  }
  /// Transcribes the recording, as far as records can tell.
  void finish(const DoneRecordsOptions& chosen) const {
    DoneRecords records(chosen);
    EXPECT_FALSE(records.is_done(recording()));
    for (const OutputFormat format : chosen.formats) {
      write(output_path("out", recording(), format), "HELLO\n");
    }
    records.add(recording());
  }
  bool is_done(const DoneRecordsOptions& chosen) const {
    return DoneRecords(chosen).is_done(recording());
  }

  harpy::testing::TemporaryDirectory directory_;
};

TEST_F(DoneRecordsTest, WhatIsRecordedIsLeftOutWhereThatIsAskedFor) {
  finish(options());
  EXPECT_TRUE(is_done(resumed()));
  EXPECT_TRUE(is_done(resumed()));
  EXPECT_FALSE(is_done(options()));
  EXPECT_FALSE(is_done(resumed())) << "a run that does not resume begins the records anew";
}

TEST_F(DoneRecordsTest, RecordsOfOtherShardsCount) {
  DoneRecordsOptions third = options();
  third.shard = {3, 4};
  finish(third);
  EXPECT_TRUE(fs::exists(path("out/.harpy-done-3-of-4.jsonl")));
  EXPECT_TRUE(is_done(resumed()));
}

TEST_F(DoneRecordsTest, AChangeOfInputSettingsStretchOrResultsIsSeen) {
  finish(options());
  DoneRecordsOptions other = resumed();
  other.settings = "model 2";
  EXPECT_FALSE(is_done(other));
  other = resumed();
  other.formats = {OutputFormat::kText};
  EXPECT_FALSE(is_done(other));
  Recording stretch = recording();
  stretch.start_s = 1.0;
  EXPECT_FALSE(DoneRecords(resumed()).is_done(stretch));
  Recording channel = recording();
  channel.channel = 1;
  EXPECT_FALSE(DoneRecords(resumed()).is_done(channel));
  EXPECT_TRUE(is_done(resumed()));

  const auto changed = fs::last_write_time(path("a.wav"));
  fs::last_write_time(path("a.wav"), changed + std::chrono::nanoseconds(1000));
  EXPECT_FALSE(is_done(resumed()));
  fs::last_write_time(path("a.wav"), changed);
  EXPECT_TRUE(is_done(resumed()));
  write("a.wav", "more audio");
  fs::last_write_time(path("a.wav"), changed);
  EXPECT_FALSE(is_done(resumed())) << "another size";
  write("a.wav", "audio");
  fs::last_write_time(path("a.wav"), changed);
  EXPECT_TRUE(is_done(resumed()));

  const auto result = path("out/a.txt");
  const auto written = fs::last_write_time(result);
  write("out/a.txt", "HELLO AGAIN\n");
  fs::last_write_time(result, written);
  EXPECT_FALSE(is_done(resumed())) << "another size";
  write("out/a.txt", "HELLO\n");
  fs::last_write_time(result, written);
  EXPECT_TRUE(is_done(resumed()));
  fs::remove(result);
  EXPECT_FALSE(is_done(resumed()));
}

TEST_F(DoneRecordsTest, AHalfLineIsNoRecordAndDoesNotSpoilTheNext) {
  finish(options());
  const fs::path file = path("out/.harpy-done-1-of-1.jsonl");
  const std::string whole = read(file);
  ASSERT_EQ(whole.back(), '\n');
  for (std::size_t size = 0; size + 1 < whole.size(); size += 7) {
    fs::resize_file(file, 0);
    write("out/.harpy-done-1-of-1.jsonl", whole.substr(0, size));
    DoneRecords records(resumed());
    EXPECT_FALSE(records.is_done(recording())) << size;
    records.add(recording());
    EXPECT_TRUE(is_done(resumed())) << size;
  }
}

TEST_F(DoneRecordsTest, ContentMarksTellFilesAndFoldersApartButNotTheirTimes) {
  write("model/graph", std::string(3'000'000, 'g') + "end");
  write("model/sub/words", "A");
  const std::string mark = content_mark(path("model"));
  EXPECT_EQ(mark.size(), 16U);
  fs::copy(path("model"), path("copy"), fs::copy_options::recursive);
  fs::last_write_time(path("copy/graph"), fs::file_time_type::clock::now());
  EXPECT_EQ(content_mark(path("copy")), mark);
  write("copy/graph", std::string(3'000'000, 'g') + "eng");
  EXPECT_NE(content_mark(path("copy")), mark);
  write("copy/graph", std::string(3'000'001, 'g') + "end");
  EXPECT_NE(content_mark(path("copy")), mark);
  fs::rename(path("model/sub/words"), path("model/sub/names"));
  EXPECT_NE(content_mark(path("model")), mark);
  EXPECT_EQ(content_mark(path("absent")), content_mark(path("nothing")));
}

}  // namespace
}  // namespace harpy::tools
