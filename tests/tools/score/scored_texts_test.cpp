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
    auto path = directory_.path() / "transcripts";
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

TEST_F(Transcripts, BlankLinesAndBlanksAtTheEndsOfLinesSayNothing) {
  const auto found = read_scored_texts(write(" u1  HELLO  WORLD \n \n\t\nu2\r\n  u3 \n"));
  EXPECT_THAT(found, ::testing::SizeIs(3));
  EXPECT_EQ(found.at("u1").text, "HELLO  WORLD");
  EXPECT_EQ(found.at("u2").text, "");
  EXPECT_EQ(found.at("u3").text, "");
}

TEST_F(Transcripts, IdsBehindTheWordsAreThoseOfScliteTrn) {
  const auto found = read_scored_texts(
      write(";; a comment\nHELLO WORLD (spk-u1)\n (spk_u2)\nGOOD (OLD) DAY\t(anna)\n"));
  EXPECT_THAT(found, ::testing::SizeIs(3));
  EXPECT_EQ(found.at("spk-u1").text, "HELLO WORLD");
  EXPECT_EQ(found.at("spk-u1").speaker, "spk");
  EXPECT_EQ(found.at("spk_u2").text, "");
  EXPECT_EQ(found.at("spk_u2").speaker, "spk");
  EXPECT_EQ(found.at("anna").text, "GOOD (OLD) DAY");
  EXPECT_EQ(found.at("anna").speaker, "");
  EXPECT_EQ(read_scored_texts(write("HELLO WORLD (anna)\n")).at("anna").text, "HELLO WORLD");
}

TEST_F(Transcripts, WordsInBracketsAtTheEndOfSomeLinesAreWords) {
  const auto found = read_scored_texts(write("u1 YES (LAUGHTER)\nu2 NO\n"));
  EXPECT_EQ(found.at("u1").text, "YES (LAUGHTER)");
  EXPECT_EQ(read_scored_texts(write("u1 YES (UH)\n")).at("u1").text, "YES (UH)");
  EXPECT_EQ(read_scored_texts(write("u1 F(X1)\nu2 NO\n")).at("u1").text, "F(X1)");
}

TEST_F(Transcripts, LinesOfTwoFormsAreRefused) {
  EXPECT_THAT(
      error_of("HELLO WORLD (u1)\n\nGOOD DAY\n"),
      ::testing::HasSubstr("transcripts:3: does not end with an id in brackets, but line 1"));
  EXPECT_THAT(error_of("u0 GOOD DAY\nHELLO WORLD (u1)\n"), ::testing::HasSubstr("transcripts:1: "));
  EXPECT_THAT(error_of("A (u1)\nB (u1)\n"), ::testing::HasSubstr(":2: the id \"u1\" was met"));
}

TEST_F(Transcripts, WordsWithTimesAreRefused) {
  const std::string what = "words with times (CTM, STM) have no utterances";
  EXPECT_THAT(error_of("talk 1 0.00 0.25 HELLO\ntalk 1 0.25 0.5 WORLD 0.9\n"),
              ::testing::HasSubstr("transcripts:1: " + what));
  EXPECT_THAT(error_of("talk 1 anna 0.00 2.5 <o,f0> HELLO WORLD\n"), ::testing::HasSubstr(what));
  EXPECT_EQ(read_scored_texts(write("u1 1 2 3 4 5\n")).at("u1").text, "1 2 3 4 5");
}

TEST_F(Transcripts, ErrorsNameFileAndLine) {
  EXPECT_THAT(error_of("a ONE\n{\"id\": 3}\n"),
              ::testing::HasSubstr("transcripts:2: expected a text field \"id\""));
  EXPECT_THAT(error_of("{\"id\": \"a\"\n"), ::testing::HasSubstr(":1: not JSON"));
  EXPECT_THAT(error_of("a ONE\na TWO\n"), ::testing::HasSubstr(":2: the id \"a\" was met before"));
  EXPECT_THROW(read_scored_texts(directory_.path() / "missing"), std::runtime_error);
}

}  // namespace
}  // namespace harpy::tools
