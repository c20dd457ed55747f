#include "service/protocols/hot_phrases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

HotPhrase hint(const std::string& text) { return {.text = text, .is_hint = true}; }

TEST(HotPhrases, APromptIsCutAtLineBreaksAndPunctuation) {
  EXPECT_THAT(hot_phrases_in("Harpy,  golden eagle;\r\nNew York. \tcondor"),
              ElementsAre(hint("Harpy"), hint("golden eagle"), hint("New York"), hint("condor")));
}

TEST(HotPhrases, OnesThatAreTooLongAreLeftOut) {
  EXPECT_THAT(hot_phrases_in("Harpy," + std::string(1001, 'x') + "," + std::string(1000, 'y')),
              ElementsAre(hint("Harpy"), hint(std::string(1000, 'y'))));
}

TEST(HotPhrases, BlanksAloneAreNone) {
  EXPECT_THAT(hot_phrases_in(""), IsEmpty());
  EXPECT_THAT(hot_phrases_in(" ,\n. "), IsEmpty());
}

}  // namespace
}  // namespace harpy
