#include "decoder/language_model/perplexity.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/decoder/language_model/reference_ngrams.hpp"

namespace harpy {
namespace {

using testing::Ngram;

/// <s>, </s>, A, B, perhaps <unk>, with p(</s>) = 1/2 and the rest equal.
NgramModel unigrams(bool has_unknown) {
  Vocabulary words;
  for (const char* word : {"<s>", "</s>", "A", "B"}) words.add(word);
  if (has_unknown) words.add("<unk>");
  const auto log_rest = static_cast<float>(std::log(0.5 / (has_unknown ? 3.0 : 2.0)));
  NgramLevel level;
  for (WordId word = 0; word < words.size(); ++word) {
    level.words.push_back(word);
    level.log_probabilities.push_back(word == 1 ? static_cast<float>(std::log(0.5)) : log_rest);
  }
  return {words, {level}};
}

TEST(PerplexityOfText, CountsSentenceEndsAndLeavesOutUnknownWords) {
  const NgramModel model = unigrams(false);
  const Corpus corpus{
      .tokens = {0, 2, kNoWord, 3, 1, 0, 2, 1}, .sentence_count = 2, .word_count = 4};
  const Perplexity measured = measure_perplexity(model, corpus);
  EXPECT_EQ(measured.sentence_count, 2U);
  EXPECT_EQ(measured.word_count, 4U);
  EXPECT_EQ(measured.unknown_count, 1U);
  EXPECT_NEAR(measured.log_probability, 3 * std::log(0.25) + 2 * std::log(0.5), 1e-6);
  EXPECT_NEAR(measured.perplexity(), std::pow(4.0, 0.6) * std::pow(2.0, 0.4), 1e-5);
  EXPECT_DOUBLE_EQ(measured.unknown_percent(), 25.0);
}

TEST(PerplexityOfText, LeavesOutTheUnknownMarkerToo) {
  const Corpus corpus{.tokens = {0, 4, 3, 1}, .sentence_count = 1, .word_count = 2};
  EXPECT_EQ(measure_perplexity(unigrams(true), corpus).unknown_count, 1U);
}

TEST(PerplexityOfText, IsOneForAnEmptyText) {
  EXPECT_EQ(measure_perplexity(unigrams(true), Corpus{}).perplexity(), 1.0);
  EXPECT_EQ(measure_perplexity(unigrams(true), Corpus{}).unknown_percent(), 0.0);
}

TEST(Predictions, SeeTheSentenceBeforeThemUpToAWordOutsideTheVocabulary) {
  const NgramModel model = unigrams(false);
  const Corpus corpus{.tokens = {0, 2, 3, kNoWord, 2, 1}, .sentence_count = 1, .word_count = 4};
  std::vector<std::pair<Ngram, WordId>> seen;
  visit_predictions(corpus, model.vocabulary(), [&](std::span<const WordId> context, WordId word) {
    seen.emplace_back(Ngram(context.begin(), context.end()), word);
  });
  const std::vector<std::pair<Ngram, WordId>> expected{{{0}, 2}, {{0, 2}, 3}, {{}, 2}, {{2}, 1}};
  EXPECT_EQ(seen, expected);
}

TEST(Predictions, KeepTheUnknownMarkerInTheContext) {
  const NgramModel model = unigrams(true);
  const Corpus corpus{.tokens = {0, 4, 2, 1}, .sentence_count = 1, .word_count = 2};
  std::vector<Ngram> contexts;
  visit_predictions(corpus, model.vocabulary(), [&](std::span<const WordId> context, WordId) {
    contexts.emplace_back(context.begin(), context.end());
  });
  EXPECT_EQ(contexts, (std::vector<Ngram>{{0, 4}, {0, 4, 2}}));
}

}  // namespace
}  // namespace harpy
