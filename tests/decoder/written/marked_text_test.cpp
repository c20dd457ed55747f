#include "decoder/written/marked_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace harpy {
namespace {

TEST(MarkedText, SplitsWordsFromMarks) {
  EXPECT_EQ(read_marked_text("\"Yes; at 3:30 p.m. they (paid) – $1,200! 'Tis so?!"),
            (std::vector<MarkedWord>{{"Yes", Mark::kComma},
                                     {"at", Mark::kNone},
                                     {"3:30", Mark::kNone},
                                     {"p.m.", Mark::kNone},
                                     {"they", Mark::kNone},
                                     {"paid", Mark::kNone},
                                     {"$1,200", Mark::kFullStop},
                                     {"'Tis", Mark::kNone},
                                     {"so", Mark::kQuestionMark}}));
}

TEST(MarkedText, MarksWithoutAWordGoToTheOneBefore) {
  EXPECT_EQ(
      read_marked_text("a , b - - . c"),
      (std::vector<MarkedWord>{{"a", Mark::kComma}, {"b", Mark::kFullStop}, {"c", Mark::kNone}}));
  EXPECT_TRUE(read_marked_text(" . ? - ").empty());
  EXPECT_EQ(read_marked_text("well... no"),
            (std::vector<MarkedWord>{{"well", Mark::kFullStop}, {"no", Mark::kNone}}));
}

TEST(MarkedText, WordsWithFiguresAreOneWordOfTheModel) {
  EXPECT_EQ(model_word("$5.20"), "0");
  EXPECT_EQ(model_word("Été"), "été");
}

}  // namespace
}  // namespace harpy
