#include "decoder/pronunciation/letter_alignment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using PhoneNumbers = std::vector<std::int32_t>;

TEST(LetterAlignment, FindsWhichLettersStandForWhichPhones) {
  const PhoneNumbers a{1};
  const PhoneNumbers ab{1, 2};
  const PhoneNumbers ks{3, 4};
  const PhoneNumbers a_ks{1, 3, 4};
  const std::vector<SpelledWord> words{{"a", a}, {"ab", ab}, {"x", ks}, {"ax", a_ks}, {"ae", a}};
  const LetterAlignment alignment(words, 5);
  const auto phones = [&](const SpelledWord& word) {
    std::vector<PhoneNumbers> groups;
    for (const std::size_t group : alignment.align(word)) {
      groups.push_back(alignment.phones_of(group));
    }
    return groups;
  };
  EXPECT_THAT(phones({"ax", a_ks}), ElementsAre(a, ks));           // a letter of two phones
  EXPECT_THAT(phones({"ae", a}), ElementsAre(a, PhoneNumbers{}));  // a silent one
  EXPECT_THAT(phones({"ab", ab}), ElementsAre(a, PhoneNumbers{2}));
  EXPECT_THAT(phones({"a", a_ks}), IsEmpty());  // three phones of one letter
  EXPECT_THAT(phones({"q", a}), IsEmpty());     // a letter of no word
}

}  // namespace
}  // namespace harpy
