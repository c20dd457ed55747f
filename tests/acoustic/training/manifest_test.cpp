#include "acoustic/training/manifest.hpp"

#include <fstream>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/shared.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Manifest : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& text) {
    const std::filesystem::path path = directory_.path() / "data.jsonl";
    std::ofstream(path) << text;
    return path;
  }
  std::string error_of(const std::string& text) {
    try {
      read_manifest(write(text));
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "no error";
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(Manifest, GivesAllFieldsAndResolvesAudioAgainstItsFolder) {
  const auto entries = read_manifest(
      write("{\"id\": \"a1\", \"audio\": \"sub/a.flac\", \"text\": \"HELLO YOU\", \"speaker\": "
            "\"s1\", \"start\": 0.5, \"end\": 2, \"duration_s\": 1.5, \"channel\": 2, \"other\": "
            "[]}\n"
            "\n"
            "{\"audio\": \"/b.wav\"}\n"));
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].id, "a1");
  EXPECT_EQ(entries[0].audio, directory_.path() / "sub/a.flac");
  EXPECT_EQ(entries[0].text, "HELLO YOU");
  EXPECT_EQ(entries[0].speaker, "s1");
  EXPECT_EQ(entries[0].start_s, 0.5);
  EXPECT_EQ(entries[0].end_s, 2.0);
  EXPECT_EQ(entries[0].duration_s, 1.5);
  EXPECT_EQ(entries[0].channel, 1);
  EXPECT_EQ(entries[1].id, "/b.wav");
  EXPECT_EQ(entries[1].channel, std::nullopt);
  EXPECT_EQ(entries[1].audio, "/b.wav");
  EXPECT_EQ(entries[1].text, "");
  EXPECT_FALSE(entries[1].end_s.has_value());
  EXPECT_THAT(entries[1].source, HasSubstr("data.jsonl:3"));
}

TEST_F(Manifest, NamesFileAndLineOfEveryMistake) {
  const std::string good = "{\"audio\": \"a.wav\"}\n";
  for (const auto& [line, problem] : std::initializer_list<std::pair<const char*, const char*>>{
           {"{\"audio\": ", "not JSON"},
           {"[1]", "not a JSON object"},
           {"{\"id\": \"x\"}", "no field 'audio'"},
           {"{\"audio\": 3}", "'audio' is not a string"},
           {"{\"audio\": \"a\", \"text\": 1}", "'text' is not a string"},
           {"{\"audio\": \"a\", \"start\": \"0\"}", "'start' is not a number"},
           {"{\"audio\": \"a\", \"start\": -1}", "'start' is negative"},
           {"{\"audio\": \"a\", \"channel\": \"left\"}", "'channel' is not a number from 1 on"},
           {"{\"audio\": \"a\", \"channel\": 0}", "'channel' is not a number from 1 on"},
           {"{\"audio\": \"a\", \"channel\": 1.5}", "'channel' is not a number from 1 on"},
           {"{\"audio\": \"a\", \"start\": 2, \"end\": 2}", "'end' is not after 'start'"}}) {
    EXPECT_THAT(error_of(good + line + "\n" + good),
                AllOf(HasSubstr("data.jsonl:2"), HasSubstr(problem)));
  }
}

TEST_F(Manifest, SaysWhichFileIsMissing) {
  try {
    read_manifest(directory_.path() / "none.jsonl");
    FAIL() << "no error";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("none.jsonl"));
  }
}

TEST_F(Manifest, AnEmptyFileHasNoEntries) { EXPECT_TRUE(read_manifest(write("")).empty()); }

TEST_F(Manifest, ReadsTheSharedDevelopmentSet) {
  const std::filesystem::path path = testing::shared_dir() / "data/dev.jsonl";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "needs the folder ../shared: " << path;
  const auto entries = read_manifest(path);
  EXPECT_EQ(entries.size(), 168U);
  EXPECT_TRUE(std::filesystem::exists(entries.front().audio));
}

}  // namespace
}  // namespace harpy
