#include "decoder/language_model/ngram_counts.hpp"

#include <gtest/gtest.h>

#include "tests/decoder/language_model/reference_ngrams.hpp"

namespace harpy {
namespace {

using testing::Ngram;

/// Calls visitor(words, level, index) for every counted n-gram, by the offsets of the children.
template <typename Visitor>
void walk(const NgramCounts& counts, Ngram& words, std::size_t level, std::uint32_t index,
          const Visitor& visitor) {
  words.push_back(counts.levels[level].words[index]);
  visitor(words, level, index);
  if (level + 1 < counts.levels.size()) {
    const auto& first_child = counts.levels[level].first_child;
    for (std::uint32_t child = first_child[index]; child < first_child[index + 1]; ++child) {
      walk(counts, words, level + 1, child, visitor);
    }
  }
  words.pop_back();
}

void expect_equal_to_maps(const testing::NumberedText& text, int order) {
  const NgramCounts counts = count_ngrams(text.corpus.tokens, text.vocabulary, order);
  ASSERT_EQ(counts.order(), order);
  const auto outside = static_cast<WordId>(text.vocabulary.size());
  std::vector<std::map<Ngram, std::uint32_t>> found(order);
  std::vector<std::vector<Ngram>> ngrams(order);
  Ngram words;
  for (WordId word = 0; word <= outside; ++word) {
    walk(counts, words, 0, word, [&](Ngram ngram, std::size_t level, std::uint32_t index) {
      if (ngram[0] == outside) ngram[0] = kNoWord;
      EXPECT_EQ(index, ngrams[level].size());
      ngrams[level].push_back(ngram);
      if (counts.levels[level].counts[index] > 0) {
        found[level][ngram] = counts.levels[level].counts[index];
      }
    });
  }
  for (int n = 1; n <= order; ++n) {
    const CountLevel& level = counts.levels[n - 1];
    EXPECT_EQ(found[n - 1], testing::count_by_hand(text.corpus.tokens, text.vocabulary, n));
    ASSERT_EQ(ngrams[n - 1].size(), level.size());
    EXPECT_EQ(level.suffixes.size(), n == 1 ? 0 : level.size());
    for (std::size_t i = 0; i < level.suffixes.size(); ++i) {
      const Ngram& ngram = ngrams[n - 1][i];
      EXPECT_EQ(ngrams[n - 2][level.suffixes[i]], Ngram(ngram.begin() + 1, ngram.end()));
    }
  }
}

TEST(NgramCounts, EqualThoseOfMaps) {
  std::mt19937 random(1);
  for (int order = 1; order <= 5; ++order) {
    expect_equal_to_maps(testing::number_text(testing::random_sentences(random, 300, 12)), order);
  }
}

TEST(NgramCounts, OfLargeVocabulariesEqualThoseOfMaps) {
  std::mt19937 random(2);
  expect_equal_to_maps(testing::number_text(testing::random_sentences(random, 8000, 6000)), 3);
}

TEST(NgramCounts, DoNotReachBackBeyondWordsOutsideTheVocabulary) {
  std::mt19937 random(3);
  expect_equal_to_maps(testing::number_text(testing::random_sentences(random, 300, 30),
                                            {.allowed = {}, .max_words = 6, .has_unknown = false}),
                       4);
}

TEST(NgramCounts, CountUnknownWordsAsWordsWhereTheVocabularyHasThem) {
  std::mt19937 random(4);
  expect_equal_to_maps(testing::number_text(testing::random_sentences(random, 300, 30),
                                            {.allowed = {}, .max_words = 6}),
                       3);
}

TEST(NgramCounts, FindTheNgramsThatBeginWithAWord) {
  const auto text = testing::number_text({"A B A", "A B", "B"});
  const NgramCounts counts = count_ngrams(text.corpus.tokens, text.vocabulary, 3);
  const NgramRange pairs = ngrams_beginning_with(counts, 2, text.vocabulary.find("A"));
  EXPECT_EQ(pairs.end - pairs.begin, 2U);  // A B, A </s>
  const NgramRange triples = ngrams_beginning_with(counts, 3, text.vocabulary.sentence_start());
  EXPECT_EQ(triples.end - triples.begin, 2U);  // <s> A B, <s> B </s>
}

TEST(NgramCounts, RefuseAnOrderBelowOne) {
  const auto text = testing::number_text({"A"});
  EXPECT_THROW(count_ngrams(text.corpus.tokens, text.vocabulary, 0), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
