#include "decoder/written/written_form.hpp"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/files/text_lines.hpp"
#include "tests/decoder/written/written_english.hpp"
#include "tests/support/shared.hpp"

namespace harpy {
namespace {

using testing::english_rules;
using testing::split_words;
using testing::written_text;

TEST(WrittenForm, WritesEnglishAsTheTableOfPairsSays) {
  TextLines lines(testing::data_dir() / "written-english.tsv");
  int count = 0;
  while (const auto line = lines.next()) {
    if (line->empty() || line->front() == '#') continue;
    const std::size_t tab = line->find('\t');
    ASSERT_NE(tab, std::string_view::npos) << lines.place();
    EXPECT_EQ(written_text(std::string(line->substr(0, tab))), line->substr(tab + 1))
        << lines.place();
    ++count;
  }
  EXPECT_GE(count, 120);
}

TEST(WrittenForm, TellsWhichWordsATokenStandsFor) {
  const std::vector<std::string> words =
      split_words("ON MAY FIFTH TWENTY TWENTY SHE PAID AT NINE THIRTY");
  const std::vector<WrittenToken> expected{{"ON", 0, 1},   {"May 5, 2020", 1, 5}, {"SHE", 5, 6},
                                           {"PAID", 6, 7}, {"AT", 7, 8},          {"9:30", 8, 10}};
  EXPECT_EQ(english_rules().apply(words), expected);
}

TEST(WrittenForm, OfEnglishHasCapitalsAndMarks) {
  const WrittenForm form(testing::source_dir() / "models/written/en");
  const std::vector<std::string> words = split_words("YES I PAID TWENTY FIVE DOLLARS");
  const std::vector<WrittenToken> written = form.apply(words, std::vector<double>(6, 0.1));
  ASSERT_EQ(written.size(), 4U);
  EXPECT_TRUE(written[0].text.starts_with("Yes"));
  EXPECT_EQ(written[1].text, "I");
  EXPECT_TRUE(written[3].text.starts_with("$25"));
  EXPECT_TRUE(form.apply({}).empty());
  EXPECT_THROW(form.apply(words, std::vector<double>(5)), std::invalid_argument);
}

TEST(WrittenForm, OfNoWordsIsNothing) { EXPECT_TRUE(english_rules().apply({}).empty()); }

TEST(WrittenForm, LeavesWordsWithoutRulesAsTheyAre) {
  const std::vector<std::string> words = split_words("Hello WORLD émigré <UNK> IT'S fine");
  const std::vector<WrittenToken> written = english_rules().apply(words);
  ASSERT_EQ(written.size(), words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    EXPECT_EQ(written[i], (WrittenToken{words[i], i, i + 1}));
  }
}

TEST(WrittenForm, CoversEveryWordOnceWhateverTheWords) {
  const std::vector<std::string> vocabulary = split_words(
      "one two five ten twenty fifty hundred thousand million point oh zero and a the of may june "
      "first fifth percent dollars cents p m a b u s at to half past quarter minus double house");
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> words(random() % 12);
    for (std::string& word : words) word = vocabulary[random() % vocabulary.size()];
    std::size_t next = 0;
    for (const WrittenToken& token : english_rules().apply(words)) {
      EXPECT_EQ(token.begin, next);
      EXPECT_GT(token.end, token.begin);
      EXPECT_FALSE(token.text.empty());
      next = token.end;
    }
    EXPECT_EQ(next, words.size());
  }
}

}  // namespace
}  // namespace harpy
