#include "decoder/written/punctuation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "decoder/written/pause_scores.hpp"
#include "decoder/written/true_casing.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// A folder with a model that expects "," behind "yes", "." behind "0", and nothing else.
class PunctuationTest : public ::testing::Test {
 protected:
  PunctuationTest() {
    write("marks.arpa.gz",
          "\\data\\\nngram 1=9\nngram 2=4\n\n\\1-grams:\n-99\t<s>\t0\n-1\t</s>\n-1\t<unk>\t0\n"
          "-2\t,\t0\n-2\t.\t0\n-2\t?\t0\n-2\t¿\t0\n-1\tyes\t-1\n-1\t0\t-1\n\n\\2-grams:\n"
          "-0.1\tyes ,\n-0.1\t0 .\n-0.1\t. </s>\n-3\t<unk> .\n\n\\end\\\n");
    write("casing.txt", "I\nIBM\nMonro's\n");
    write("pauses.tsv", "# seconds\n0\t0\t0\t0\t0\n0.5\t0\t0\t9\t0\n");
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_.path() / name) << text;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(PunctuationTest, FindsMarksAndCapitals) {
  const Punctuation punctuation(directory_.path());
  EXPECT_THAT(punctuation.apply(std::vector<PlainToken>{{"YES"}, {"i"}, {"ASK"}, {"MONRO'S"}}),
              ElementsAre("Yes,", "I", "ask", "Monro's"));
  EXPECT_THAT(punctuation.apply(std::vector<PlainToken>{{"ask"}, {"$5", true}, {"no"}}),
              ElementsAre("Ask", "$5.", "No"));
  EXPECT_THAT(punctuation.apply({}), ElementsAre());
}

TEST_F(PunctuationTest, PausesSpeakForMarks) {
  const Punctuation punctuation(directory_.path());
  EXPECT_THAT(
      punctuation.apply(std::vector<PlainToken>{{"ask", false, 0.6}, {"ibm", false, 0.4}, {"no"}}),
      ElementsAre("Ask.", "IBM", "no"));
}

TEST_F(PunctuationTest, MarksWithinTokensAreKnownAndDotsNotDoubled) {
  const Punctuation punctuation(directory_.path());
  EXPECT_THAT(
      punctuation.apply(std::vector<PlainToken>{
          {"May 5, 2020", true}, {"at", false, 0.0}, {"3 p.m.", true, 0.7}, {"5 km", true}}),
      ElementsAre("May 5, 2020.", "At", "3 p.m.", "5 km"));
}

TEST_F(PunctuationTest, FilesThatAreMissingOrWrongAreNamed) {
  write("pauses.tsv", "0\t0\t0\t0\t0\n0\t0\t0\t0\t0\n");
  EXPECT_THAT([&] { Punctuation{directory_.path()}; },
              ThrowsMessage<std::runtime_error>(HasSubstr("pauses.tsv:2: expected pauses that")));
  write("pauses.tsv", "0\t0\t0\n");
  EXPECT_THAT([&] { PauseScores{directory_.path() / "pauses.tsv"}; },
              ThrowsMessage<std::runtime_error>(HasSubstr("pauses.tsv:1: expected a pause")));
  write("pauses.tsv", "0\t0\t0\tx\t0\n");
  EXPECT_THAT([&] { PauseScores{directory_.path() / "pauses.tsv"}; },
              ThrowsMessage<std::runtime_error>(HasSubstr("expected a score")));
  write("casing.txt", "IBM\nIbm\n");
  EXPECT_THAT([&] { Punctuation{directory_.path()}; },
              ThrowsMessage<std::runtime_error>(HasSubstr("casing.txt:2: the word \"Ibm\"")));
  write("marks.arpa.gz",
        "\\data\\\nngram 1=3\n\n\\1-grams:\n-99\t<s>\n-1\t</s>\n-1\t<unk>\n\n\\end\\\n");
  write("casing.txt", "IBM\n");
  write("pauses.tsv", "0\t0\t0\t0\t0\n");
  EXPECT_THAT([&] { Punctuation{directory_.path()}; },
              ThrowsMessage<std::runtime_error>(HasSubstr("marks.arpa.gz: the model of marks")));
}

TEST(CasingCounts, ListsTheMostFrequentFormsThatAreNotSmall) {
  CasingCounts counts;
  for (int i = 0; i < 2; ++i) {
    counts.add(read_marked_text("We saw Ann and the CEO. Then May asked Ann, may I go? Old IBM."));
  }
  counts.add(read_marked_text("so ann left"));
  EXPECT_EQ(counts.list(2), "Ann\nCEO\nI\nIBM\nMay\n");
  EXPECT_EQ(counts.list(4), "Ann\nMay\n");  // "May" as often as "may": the first in byte order
}

}  // namespace
}  // namespace harpy
