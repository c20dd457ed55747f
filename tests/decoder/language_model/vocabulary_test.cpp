#include "decoder/language_model/vocabulary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> words_of(const Vocabulary& vocabulary) {
  std::vector<std::string> words;
  for (WordId id = 0; id < vocabulary.size(); ++id) words.push_back(vocabulary.word(id));
  return words;
}

class VocabularySelection : public ::testing::Test {
 protected:
  VocabularySelection() {
    for (const auto& [word, count] :
         std::vector<std::pair<std::string, std::uint64_t>>{{"<s>", 9},
                                                            {"</s>", 9},
                                                            {"PEAR", 2},
                                                            {"FIG", 2},
                                                            {"LIME", 5},
                                                            {"<unk>", 7},
                                                            {"NUT", 1}}) {
      words_.add(word);
      counts_.push_back(count);
    }
  }

  std::vector<std::string> select(const VocabularyOptions& options) const {
    return words_of(select_vocabulary(words_, counts_, options));
  }

  Vocabulary words_;
  std::vector<std::uint64_t> counts_;
};

TEST(Vocabulary, NumbersWordsInTheOrderOfAddition) {
  Vocabulary vocabulary;
  EXPECT_EQ(vocabulary.add("B"), 0U);
  EXPECT_EQ(vocabulary.add("A"), 1U);
  EXPECT_EQ(vocabulary.add("B"), 0U);
  EXPECT_EQ(vocabulary.find("A"), 1U);
  EXPECT_EQ(vocabulary.find("C"), kNoWord);
  EXPECT_EQ(vocabulary.word(1), "A");
  EXPECT_EQ(vocabulary.size(), 2U);
}

TEST(Vocabulary, RemembersTheMarkers) {
  Vocabulary vocabulary;
  EXPECT_EQ(vocabulary.unknown(), kNoWord);
  EXPECT_EQ(vocabulary.find_or_unknown("A"), kNoWord);
  const WordId unknown = vocabulary.add("<UNK>");
  const WordId end = vocabulary.add("</s>");
  const WordId start = vocabulary.add("<s>");
  EXPECT_EQ(vocabulary.unknown(), unknown);
  EXPECT_EQ(vocabulary.sentence_end(), end);
  EXPECT_EQ(vocabulary.sentence_start(), start);
  EXPECT_EQ(vocabulary.find_or_unknown("A"), unknown);
}

TEST_F(VocabularySelection, TakesEveryWordInByteOrderAfterTheMarkers) {
  EXPECT_THAT(select({}), ElementsAre("<s>", "</s>", "<unk>", "FIG", "LIME", "NUT", "PEAR"));
}

TEST_F(VocabularySelection, LeavesOutTheUnknownMarkerWhenClosed) {
  EXPECT_THAT(select({.allowed = {}, .has_unknown = false}),
              ElementsAre("<s>", "</s>", "FIG", "LIME", "NUT", "PEAR"));
}

TEST_F(VocabularySelection, TakesTheMostFrequentWordsAndBreaksTiesByByteOrder) {
  EXPECT_THAT(select({.allowed = {}, .max_words = 2}),
              ElementsAre("<s>", "</s>", "<unk>", "FIG", "LIME"));
}

TEST_F(VocabularySelection, LeavesOutRareWords) {
  EXPECT_THAT(select({.allowed = {}, .min_count = 2}),
              ElementsAre("<s>", "</s>", "<unk>", "FIG", "LIME", "PEAR"));
}

TEST_F(VocabularySelection, KeepsToTheAllowedWords) {
  const std::vector<std::string> allowed{"ZEST", "PEAR", "PEAR", "<s>", "LIME"};
  EXPECT_THAT(select({.allowed = allowed}),
              ElementsAre("<s>", "</s>", "<unk>", "LIME", "PEAR", "ZEST"));
  EXPECT_THAT(select({.allowed = allowed, .min_count = 1}),
              ElementsAre("<s>", "</s>", "<unk>", "LIME", "PEAR"));
  EXPECT_THAT(select({.allowed = allowed, .max_words = 1}),
              ElementsAre("<s>", "</s>", "<unk>", "LIME"));
}

}  // namespace
}  // namespace harpy
