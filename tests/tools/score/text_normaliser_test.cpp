#include "tools/score/text_normaliser.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy::tools {
namespace {

std::string normalise(std::string_view text) {
  static const TextNormaliser kNormaliser(english_normalisation_table());
  return kNormaliser.normalise(text);
}

struct Case {
  std::string text;
  std::string expected;
};

void expect_all(const std::vector<Case>& cases) {
  for (const Case& one : cases) EXPECT_EQ(normalise(one.text), one.expected) << one.text;
  // What is in its form already stays as it is.
  for (const Case& one : cases) EXPECT_EQ(normalise(one.expected), one.expected) << one.text;
}

TEST(TextNormaliser, LetterCaseAndPunctuationGo) {
  expect_all({
      {"", ""},
      {" .,;:!?\u2026 \u2014 ", ""},
      {"Hello, World!", "hello world"},
      {"\u00ABBonjour\u00BB \u201CGood-bye\u201D", "bonjour goodbye"},
      {"well-known (and so on)/or", "well known and so on or"},
      {"\u00C9T\u00C9 STRASSE Stra\u00DFe", "\u00E9t\u00E9 strasse strasse"},
      {"end.Start", "end start"},
  });
}

TEST(TextNormaliser, ApostrophesInWordsStayAndQuotesGo) {
  expect_all({
      {"I don\u2019t, he DON'T", "i don't he don't"},
      {"'Hello' she said \u2018yes\u2019", "hello she said yes"},
      {"the dogs' bowls", "the dogs bowls"},
      {"' '' '''", ""},
  });
}

TEST(TextNormaliser, SpacesOfAllKindsAreSpaces) {
  expect_all({
      {"one\u00A0two\u202Fthree\u3000four\tfive\nsix", "one two three four five six"},
      {"\uFEFFhy\u00ADphen zero\u200Bwidth", "hyphen zerowidth"},
  });
}

TEST(TextNormaliser, LettersAreComposed) {
  expect_all({{"E\u0301te\u0301 A\u030A n\u0303", "\u00E9t\u00E9 \u00E5 \u00F1"}});
  EXPECT_EQ(normalise("\u1100\u1161"), "\uAC00");  // Hangul
}

TEST(TextNormaliser, MarksThatStandForNoWordsGo) {
  expect_all({
      {"[Music] hello <unk> there [background noise]", "hello there"},
      {"x < y and z > 1", "x y and z one"},
      {"open [ bracket", "open bracket"},
  });
}

TEST(TextNormaliser, CardinalsInDigitsBecomeWords) {
  expect_all({
      {"0 7 10 13 20 42 90", "zero seven ten thirteen twenty forty two ninety"},
      {"100", "one hundred"},
      {"105", "one hundred five"},
      {"999", "nine hundred ninety nine"},
      {"1,000", "one thousand"},
      {"1,234", "one thousand two hundred thirty four"},
      {"5000", "five thousand"},
      {"1,000,001", "one million one"},
      {"12,345,678", "twelve million three hundred forty five thousand six hundred seventy eight"},
      {"2,000,000,000", "two billion"},
      {"1, 2, 3", "one two three"},
      {"1,23", "one twenty three"},
      {"007", "zero zero seven"},
      {"1234567890123456",
       "one two three four five six seven eight nine zero one two three four five six"},
      {"-5 and 3-4", "minus five and three four"},
      {"mp3 5km 10 am", "mp three five km ten am"},
      {"3 million", "three million"},
  });
}

TEST(TextNormaliser, NumberWordsSaidInSeveralWaysAreOne) {
  expect_all({
      {"two hundred and five", "two hundred five"},
      {"a hundred and one", "one hundred one"},
      {"a thousand and twenty-one", "one thousand twenty one"},
      {"fifteen hundred and six", "one thousand five hundred six"},
      {"two thousand and twenty-four", "twenty twenty four"},
      {"two thousand and five", "two thousand five"},
      {"two thousand and ten", "twenty ten"},
      {"sixty two thousand twenty four", "sixty two thousand twenty four"},
      {"five and six", "five and six"},
      {"a thousand and more", "one thousand and more"},
  });
}

TEST(TextNormaliser, OrdinalsInDigitsBecomeWords) {
  expect_all({
      {"1st 2nd 3rd 4th 12th", "first second third fourth twelfth"},
      {"20th 21st 100th 112th", "twentieth twenty first one hundredth one hundred twelfth"},
      {"the 5TH, 1000th", "the fifth one thousandth"},
  });
  EXPECT_EQ(normalise("5thly"), "five thly");
}

TEST(TextNormaliser, YearsAreReadInPairsWhereNobodySaysThemOtherwise) {
  expect_all({
      {"in 1984", "in nineteen eighty four"},
      {"1905", "nineteen oh five"},
      {"1066 1100", "one thousand sixty six one thousand one hundred"},
      {"1500", "one thousand five hundred"},
      {"2000 2005 2010 2024", "two thousand two thousand five twenty ten twenty twenty four"},
      {"2100", "two thousand one hundred"},
      {"1,984", "one thousand nine hundred eighty four"},
      {"$1984", "one thousand nine hundred eighty four dollars"},
      {"1984%", "one thousand nine hundred eighty four percent"},
      {"1990s the 80s '60s 1900s", "nineteen nineties the eighties sixties nineteen hundreds"},
  });
}

TEST(TextNormaliser, DecimalsAndSharesBecomeWords) {
  expect_all({
      {"3.14", "three point one four"},
      {"0.5 .5", "zero point five point five"},
      {"1,000.25", "one thousand point two five"},
      {"1.2.3", "one point two point three"},
      {"50% 3.5 % fifty per cent", "fifty percent three point five percent fifty percent"},
      {"It is 5.", "it is five"},
  });
}

TEST(TextNormaliser, MoneyBecomesWords) {
  expect_all({
      {"$1 $5 $1,200", "one dollar five dollars one thousand two hundred dollars"},
      {"$5.50", "five dollars fifty cents"},
      {"five dollars and fifty cents", "five dollars fifty cents"},
      {"$0.99 $1.01", "ninety nine cents one dollar one cent"},
      {"$3.00", "three dollars"},
      {"\u00A33.05", "three pounds five pence"},
      {"\u20AC 20 and 20 \u20AC", "twenty euros and twenty euros"},
      {"$5 million, $1.5 billion", "five million dollars one point five billion dollars"},
      {"a $ sign", "a sign"},
  });
}

TEST(TextNormaliser, TimesOfDayBecomeWords) {
  expect_all({{"3:30 3:05 10:00", "three thirty three oh five ten"}});
}

TEST(TextNormaliser, SpellingsOfTheTableAreOne) {
  expect_all({
      {"The colour of grey ORGANISATIONS", "the color of gray organizations"},
      {"I'm gonna travel; travelled", "i'm going to travel traveled"},
      {"OK O.K. okay", "okay okay okay"},
      {"Mr. Smith & Mrs. Jones", "mister smith and missus jones"},
      {"'Cause I said", "because i said"},
      {"Cause and effect", "cause and effect"},
      {"The U.S. and the U S", "the us and the us"},
      {"e-mail e mail email", "email email email"},
      {"Caf\u00E9", "cafe"},
  });
}

TEST(TextNormaliser, RefusesWhatIsNotUtf8) {
  EXPECT_THROW(normalise("caf\xE9 noir"), std::runtime_error);
}

}  // namespace
}  // namespace harpy::tools
