#include "service/protocols/hot_phrases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(HotPhrases, APromptIsCutAtLineBreaksAndPunctuation) {
  EXPECT_THAT(hot_phrases_in("Harpy,  golden eagle;\r\nNew York. \tcondor"),
              ElementsAre(HotPhrase{"Harpy"}, HotPhrase{"golden eagle"}, HotPhrase{"New York"},
                          HotPhrase{"condor"}));
}

TEST(HotPhrases, BlanksAloneAreNone) {
  EXPECT_THAT(hot_phrases_in(""), IsEmpty());
  EXPECT_THAT(hot_phrases_in(" ,\n. "), IsEmpty());
}

}  // namespace
}  // namespace harpy
