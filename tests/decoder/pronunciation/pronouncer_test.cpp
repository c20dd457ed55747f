#include "decoder/pronunciation/pronouncer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

/// A language with regular spelling: consonants and vowels take turns, vowels may be long ("ee")
/// or short, SH is one sound, X two, C depends on the letter after it, and an E at the end is
/// silent and makes the vowel before it long.
class RegularLanguage {
 public:
  struct Word {
    std::string letters;
    std::vector<std::string> phones;
  };

  /// Different words, drawn from a seed.
  static std::vector<Word> words(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::set<std::string> known;
    std::vector<Word> made;
    while (made.size() < count) {
      Word word = draw(random);
      if (known.insert(word.letters).second) made.push_back(std::move(word));
    }
    return made;
  }

 private:
  static Word draw(std::mt19937& random) {
    static const std::vector<Word> kConsonants{
        {"b", {"B"}},   {"d", {"D"}},      {"f", {"F"}}, {"k", {"K"}}, {"m", {"M"}}, {"s", {"S"}},
        {"sh", {"SH"}}, {"x", {"K", "S"}}, {"t", {"T"}}, {"c", {}},    {"h", {"HH"}}};
    static const std::vector<Word> kVowels{
        {"a", {"AE"}}, {"o", {"AA"}}, {"i", {"IH"}}, {"e", {"EH"}}, {"ee", {"IY"}}};
    const auto pick = [&](const std::vector<Word>& from) { return from[random() % from.size()]; };
    Word word;
    const std::size_t syllables = 1 + random() % 3;
    for (std::size_t i = 0; i < syllables; ++i) {
      Word consonant = pick(kConsonants);
      const Word vowel = pick(kVowels);
      if (consonant.letters == "c") {
        consonant.phones = {vowel.letters[0] == 'e' || vowel.letters[0] == 'i' ? "S" : "K"};
      }
      // Else two sounds would be spelled alike.
      if (!word.letters.empty() && word.letters.back() == 's' && consonant.letters == "h") continue;
      for (const Word& part : {consonant, vowel}) {
        word.letters += part.letters;
        word.phones.insert(word.phones.end(), part.phones.begin(), part.phones.end());
      }
    }
    if (random() % 2 == 0) {
      word.letters += "te";
      word.phones.push_back("T");
    }
    return word;
  }
};

class PronouncerTest : public ::testing::Test {
 protected:
  Lexicon lexicon_of(const std::vector<RegularLanguage::Word>& words) const {
    const auto path = directory_.path() / "lexicon.dict";
    std::ofstream stream(path);
    for (const RegularLanguage::Word& word : words) {
      stream << word.letters;
      for (const std::string& phone : word.phones) stream << ' ' << phone;
      stream << '\n';
    }
    stream.close();
    return Lexicon::read(path, {.letter_case = LetterCase::kKeep, .phones = {}});
  }
  Lexicon lexicon_of_text(const std::string& text) const {
    const auto path = directory_.path() / "lexicon.dict";
    std::ofstream(path) << text;
    return Lexicon::read(path, {.letter_case = LetterCase::kKeep, .phones = {}});
  }

  static std::vector<std::string> names(const Lexicon& lexicon,
                                        const Lexicon::Pronunciation& phones) {
    std::vector<std::string> result;
    for (const std::int32_t phone : phones) result.push_back(lexicon.labels().name(phone));
    return result;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(PronouncerTest, LearnsARegularSpellingFromFewWords) {
  std::vector<RegularLanguage::Word> words = RegularLanguage::words(1000, 1);
  const std::vector<RegularLanguage::Word> unseen(words.begin() + 600, words.end());
  words.resize(600);
  const Lexicon lexicon = lexicon_of(words);
  const Pronouncer pronouncer(lexicon);
  std::size_t right = 0;
  for (const RegularLanguage::Word& word : unseen) {
    right += names(lexicon, pronouncer.pronounce(word.letters)) == word.phones ? 1U : 0U;
  }
  EXPECT_GE(right, unseen.size() * 97 / 100);
}

TEST_F(PronouncerTest, MoreWordsMakeItMoreAccurate) {
  const std::vector<RegularLanguage::Word> words = RegularLanguage::words(1000, 2);
  const std::vector<RegularLanguage::Word> unseen(words.begin() + 700, words.end());
  std::vector<std::size_t> right;
  for (const std::ptrdiff_t count : {30, 150, 700}) {
    const Lexicon lexicon = lexicon_of({words.begin(), words.begin() + count});
    const Pronouncer pronouncer(lexicon);
    right.push_back(0);
    for (const RegularLanguage::Word& word : unseen) {
      right.back() += names(lexicon, pronouncer.pronounce(word.letters)) == word.phones ? 1U : 0U;
    }
  }
  EXPECT_LT(right[0], right[1]);
  EXPECT_LE(right[1], right[2]);
}

TEST_F(PronouncerTest, KnowsTheWordsItLearnedFrom) {
  const std::vector<RegularLanguage::Word> words = RegularLanguage::words(300, 3);
  const Lexicon lexicon = lexicon_of(words);
  const Pronouncer pronouncer(lexicon);
  std::size_t right = 0;
  for (const RegularLanguage::Word& word : words) {
    right += names(lexicon, pronouncer.pronounce(word.letters)) == word.phones ? 1U : 0U;
  }
  EXPECT_GE(right, words.size() * 99 / 100);
}

TEST_F(PronouncerTest, HasNothingToSayOfLettersItNeverMet) {
  const Lexicon lexicon = lexicon_of_text("ab A B\nba B A\n");
  const Pronouncer pronouncer(lexicon);
  EXPECT_THAT(names(lexicon, pronouncer.pronounce("aab")), ElementsAreArray({"A", "A", "B"}));
  EXPECT_THAT(pronouncer.pronounce("abz"), IsEmpty());
  EXPECT_THAT(pronouncer.pronounce("zab"), IsEmpty());
  EXPECT_THAT(pronouncer.pronounce("\xC3\xA4"), IsEmpty());
}

TEST_F(PronouncerTest, LeavesOutWordsWithMoreSoundsThanItsLettersCanHave) {
  const Lexicon lexicon = lexicon_of_text("ab A B\nba B A\nw D AH B AH L Y UW\n");
  const Pronouncer pronouncer(lexicon);
  EXPECT_THAT(names(lexicon, pronouncer.pronounce("aab")), ElementsAreArray({"A", "A", "B"}));
  EXPECT_THAT(pronouncer.pronounce("w"), IsEmpty());
}

}  // namespace
}  // namespace harpy
