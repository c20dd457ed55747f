#include "tools/score/scored_texts.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy::tools {
namespace {

class Transcripts : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& text) const {
    const auto path = directory_.path() / "transcripts";
    std::ofstream(path) << text;
    return path;
  }
  std::string error_of(const std::string& text) const {
    try {
      read_scored_texts(write(text));
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return {};
  }

  harpy::testing::TemporaryDirectory directory_;
};

TEST_F(Transcripts, JsonLinesAndPlainLinesAreRead) {
  const auto found = read_scored_texts(write(
      "{\"id\": \"a\", \"text\": \"ONE TWO\", \"speaker\": \"s\", \"other\": 1}\n\nb THREE\nc\n"));
  EXPECT_EQ(found.at("a").text, "ONE TWO");
  EXPECT_EQ(found.at("a").speaker, "s");
  EXPECT_EQ(found.at("b").text, "THREE");
  EXPECT_EQ(found.at("c").text, "");
}

TEST_F(Transcripts, MayBeginWithAByteOrderMark) {
  const auto found =
      read_scored_texts(write("\xEF\xBB\xBF"
                              "a ONE\r\nb TWO\r\n"));
  EXPECT_EQ(found.at("a").text, "ONE");
  EXPECT_EQ(found.at("b").text, "TWO");
  EXPECT_THAT(error_of("a caf\xE9\n"), ::testing::HasSubstr(":1:6: the byte 0xE9 is not UTF-8"));
}

TEST_F(Transcripts, ErrorsNameFileAndLine) {
  EXPECT_THAT(error_of("a ONE\n{\"id\": 3}\n"),
              ::testing::HasSubstr("transcripts:2: expected a text field \"id\""));
  EXPECT_THAT(error_of("{\"id\": \"a\"\n"), ::testing::HasSubstr(":1: expected a JSON object"));
  EXPECT_THAT(error_of("a ONE\na TWO\n"), ::testing::HasSubstr(":2: the id \"a\" was met before"));
  EXPECT_THROW(read_scored_texts(directory_.path() / "missing"), std::runtime_error);
}

}  // namespace
}  // namespace harpy::tools
