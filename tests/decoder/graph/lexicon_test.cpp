#include "decoder/graph/lexicon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;
using Pronunciation = Lexicon::Pronunciation;

class LexiconTest : public ::testing::Test {
 protected:
  Lexicon read(const std::string& text, const LexiconOptions& options = {}) const {
    std::ofstream(path_) << text;
    return Lexicon::read(path_, options);
  }
  void expect_refused(const std::string& text, const std::string& message,
                      const LexiconOptions& options = {}) const {
    EXPECT_THAT([&] { read(text, options); },
                ThrowsMessage<std::runtime_error>(HasSubstr(message)));
  }

  const testing::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "lexicon.dict";
};

TEST_F(LexiconTest, NumbersThePhonesFoundAfterBlankInSortedOrder) {
  const Lexicon lexicon = read("red R EH D\na AH\n");
  EXPECT_THAT(lexicon.labels().names(), ElementsAre("<blank>", "AH", "D", "EH", "R"));
  EXPECT_THAT(lexicon.words(), ElementsAre("RED", "A"));
  EXPECT_THAT(lexicon.pronunciations("RED"), ElementsAre(Pronunciation{4, 3, 2}));
  EXPECT_THAT(lexicon.pronunciations("red"), IsEmpty());
}

TEST_F(LexiconTest, TakesThePhonesGivenInTheirOrder) {
  const LexiconOptions options{.letter_case = LetterCase::kKeep, .phones = {"R", "EH", "D", "ZH"}};
  const Lexicon lexicon = read("red R EH D\n", options);
  EXPECT_THAT(lexicon.labels().names(), ElementsAre("<blank>", "R", "EH", "D", "ZH"));
  EXPECT_THAT(lexicon.pronunciations("red"), ElementsAre(Pronunciation{1, 2, 3}));
  expect_refused("red R EH D\na AH\n", "lexicon.dict:2: phone \"AH\" is not one of the 4", options);
}

TEST_F(LexiconTest, VariantsBelongToTheirWordAndRepeatedOnesAreDropped) {
  const Lexicon lexicon = read(
      ";;; a comment\n"
      "read R E D\n"
      "read(2)\tR  I D\r\n"
      "\n"
      "read(3) R E D\n"
      "read R D # as in nothing\n"
      "a(b) D\n"
      "(2) D\n");
  EXPECT_THAT(lexicon.words(), ElementsAre("READ", "A(B)", "(2)"));
  EXPECT_THAT(lexicon.pronunciations("READ"),
              ElementsAre(Pronunciation{4, 2, 1}, Pronunciation{4, 3, 1}, Pronunciation{4, 1}));
}

TEST_F(LexiconTest, WordsOfASecondFileJoinThoseOfTheFirst) {
  Lexicon lexicon = read("read R E D\nzoo Z U\n");
  lexicon.add_words(read("read(1) R I D\nread(2) R E D\na AH\n"));
  EXPECT_THAT(lexicon.labels().names(), ElementsAre("<blank>", "AH", "D", "E", "I", "R", "U", "Z"));
  EXPECT_THAT(lexicon.words(), ElementsAre("READ", "ZOO", "A"));
  EXPECT_THAT(lexicon.pronunciations("READ"),
              ElementsAre(Pronunciation{5, 3, 2}, Pronunciation{5, 4, 2}));
  EXPECT_THAT(lexicon.pronunciations("ZOO"), ElementsAre(Pronunciation{7, 6}));
  EXPECT_THAT(lexicon.pronunciations("A"), ElementsAre(Pronunciation{1}));
}

TEST_F(LexiconTest, ASecondFileBringsNoPhoneToThoseGiven) {
  Lexicon lexicon = read("red R EH D\n", {.phones = {"R", "EH", "D"}});
  EXPECT_THAT([&] { lexicon.add_words(read("a AH\n")); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("phone \"AH\" is not one of the 3")));
}

TEST_F(LexiconTest, FoldsAsciiLettersOnly) {
  EXPECT_EQ(fold_case("Don't Été", LetterCase::kUpper), "DON'T ÉTé");
  EXPECT_EQ(fold_case("Don't Été", LetterCase::kLower), "don't Été");
  EXPECT_EQ(fold_case("Don't", LetterCase::kKeep), "Don't");
}

TEST_F(LexiconTest, RefusesMalformedFilesNamingTheLine) {
  expect_refused("a AH\nb\n", "lexicon.dict:2: the word \"b\" has no phones");
  expect_refused("a # AH\n", "lexicon.dict:1: the word \"a\" has no phones");
  expect_refused("a AH <blank>\n", "lexicon.dict:1: blank is no phone");
  expect_refused(std::string("a A\0H\n", 6), "lexicon.dict:1: a zero byte");
  expect_refused(";;; nothing\n", "lexicon.dict: holds no word");
  EXPECT_THROW(Lexicon::read(directory_.path() / "absent"), std::runtime_error);
  EXPECT_THROW(read("a AH\n", {.phones = {"AH", "AH"}}), std::invalid_argument);
}

TEST_F(LexiconTest, TakesTheSecondColumnOfNumbersForProbabilities) {
  const Lexicon lexicon = read("a 0.25 AH\na(2) 1.0 EY\nred 1 R EH D\na 0.25 D\na .125 AH\n");
  EXPECT_THAT(lexicon.labels().names(), ElementsAre("<blank>", "AH", "D", "EH", "EY", "R"));
  // The most probable first, equal ones in the file's order; the better of two equal ones stays.
  EXPECT_THAT(lexicon.pronunciations("A"),
              ElementsAre(Pronunciation{4}, Pronunciation{1}, Pronunciation{2}));
  EXPECT_THAT(lexicon.pronunciation_costs("A"),
              ElementsAre(0.0F, FloatEq(std::log(4.0F)), FloatEq(std::log(4.0F))));
  EXPECT_THAT(lexicon.pronunciation_costs("RED"), ElementsAre(0.0F));
  EXPECT_THAT(lexicon.pronunciation_costs("BLUE"), IsEmpty());
  EXPECT_THAT(read("a AH\na EY\n").pronunciation_costs("A"), ElementsAre(0.0F, 0.0F));
}

TEST_F(LexiconTest, RefusesNumbersThatAreNeitherPhonesNorProbabilities) {
  expect_refused("a 1.0 AH\nred R EH D\n", "lexicon.dict:1: \"1.0\" is a number, not a phone");
  expect_refused("a AH\nred R 0.5 D\n", "lexicon.dict:2: \"0.5\" is a number, not a phone");
  expect_refused("a 1.0 0.7 1.2 0.9 AH\n", "lexicon.dict:1: \"0.7\" is a number");
  expect_refused("a 0.5 AH\nb 1.5 B\n",
                 "lexicon.dict:2: expected a probability greater than 0 and at most 1, got 1.5");
  expect_refused("a 0.5 AH\nb 0 B\n", "lexicon.dict:2: expected a probability");
  expect_refused("a 0.5 AH\nb -0.5 B\n", "lexicon.dict:2: expected a probability");
  expect_refused("a 0.5 AH\nb 0.5\n", "lexicon.dict:2: the word \"b\" has no phones");
}

TEST_F(LexiconTest, TakesNumbersForPhonesThatAreListedAsSuch) {
  const LexiconOptions options{.letter_case = LetterCase::kKeep, .phones = {"2", "9", "R"}};
  const Lexicon lexicon = read("peu R 2\npeur 2 9 R\n", options);
  EXPECT_THAT(lexicon.pronunciations("peur"), ElementsAre(Pronunciation{1, 2, 3}));
  EXPECT_THAT(read("peu 2 R\npeur 9 R\n", options).pronunciations("peu"),
              ElementsAre(Pronunciation{1, 3}));
}

TEST_F(LexiconTest, MayBeginWithAByteOrderMark) {
  const Lexicon lexicon = read("\xEF\xBB\xBFone W AH N\r\ntwo T UW\r\n");
  EXPECT_THAT(lexicon.words(), ElementsAre("ONE", "TWO"));
}

TEST_F(LexiconTest, RefusesOtherCodingsAndOddSpacesWithLineAndColumn) {
  expect_refused("one W AH N\nd\xE9j\xE0 D EY\n", "lexicon.dict:2:2: the byte 0xE9 is not UTF-8");
  expect_refused("one W AH N\ntwo\xC2\xA0T UW\n", "lexicon.dict:2:4: a no-break space");
  expect_refused("one W AH\xE3\x80\x80N\n", "lexicon.dict:1:9: a no-break space");
  EXPECT_NO_THROW(read("one W AH N # as in\xC2\xA0one\n"));
}

TEST_F(LexiconTest, SpellsWordsByTheirCharacters) {
  const std::vector<std::string> words{"été", "BE"};
  const Lexicon lexicon = Lexicon::spell(words);
  EXPECT_THAT(lexicon.labels().names(), ElementsAre("<blank>", "B", "E", "T", "é"));
  EXPECT_THAT(lexicon.words(), ElementsAre("éTé", "BE"));
  EXPECT_THAT(lexicon.pronunciations("éTé"), ElementsAre(Pronunciation{4, 3, 4}));
  const std::vector<std::string> broken{"a\xC3"};
  EXPECT_THAT([&] { Lexicon::spell(broken); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("is not UTF-8")));
  EXPECT_THROW(Lexicon::spell(words, {.phones = {"B", "E", "T"}}), std::invalid_argument);
}

TEST_F(LexiconTest, ReadsTheDictionaryOfDebiansPocketSphinx) {
  const std::filesystem::path dictionary = "/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict";
  if (!std::filesystem::exists(dictionary)) GTEST_SKIP() << "needs the package pocketsphinx-en-us";
  const Lexicon lexicon = Lexicon::read(dictionary);
  EXPECT_EQ(lexicon.labels().size(), 40);
  EXPECT_GT(lexicon.words().size(), 120000U);
  EXPECT_EQ(lexicon.pronunciations("READ").size(), 2U);
}

}  // namespace
}  // namespace harpy
