#include "decoder/language_model/kneser_ney.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/decoder/language_model/reference_ngrams.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;
using testing::Ngram;
using testing::probability;
using ::testing::ThrowsMessage;

constexpr double kTolerance = 2e-6;

KneserNeyOptions with_cutoffs(std::vector<std::uint32_t> cutoffs) {
  KneserNeyOptions options;
  options.cutoffs = std::move(cutoffs);
  return options;
}

/// Compares p(w | h) for every w and every h of up to order - 1 words that the text holds, and a
/// few that it does not.
void expect_equal_to_formulae(const testing::NumberedText& text, int order,
                              const KneserNeyOptions& options) {
  const NgramModel model = testing::model_of(text, order, options);
  const testing::ReferenceKneserNey reference(text, order, options);
  std::vector<Ngram> contexts{{}, Ngram(order, 3)};
  for (int n = 1; n < order; ++n) {
    for (const auto& [ngram, count] :
         testing::count_by_hand(text.corpus.tokens, text.vocabulary, n)) {
      if (ngram[0] != kNoWord) contexts.push_back(ngram);
    }
  }
  for (const Ngram& context : contexts) {
    for (WordId word = 1; word < text.vocabulary.size(); ++word) {
      const double expected = reference.probability(context, word);
      ASSERT_NEAR(probability(model, context, word), expected, kTolerance * expected + 1e-12)
          << ::testing::PrintToString(context) << " " << word;
    }
  }
  EXPECT_LT(testing::largest_sum_error(model), kTolerance);
}

TEST(Discounts, FollowTheFormulaOfChenAndGoodman) {
  const Discounts discounts = estimate_discounts({100, 50, 30, 20});
  EXPECT_TRUE(discounts.estimated);
  EXPECT_DOUBLE_EQ(discounts(1), 0.5);
  EXPECT_DOUBLE_EQ(discounts(2), 1.1);
  EXPECT_DOUBLE_EQ(discounts(3), 3.0 - 4.0 * 0.5 * 20.0 / 30.0);
  EXPECT_DOUBLE_EQ(discounts(99), discounts(3));
  EXPECT_DOUBLE_EQ(discounts(0), 0.0);
}

TEST(Discounts, FallBackWhereCountsOfCountsAreMissingOrOdd) {
  const std::array<double, 3> third{1.0 / 3, 1.0 / 3, 1.0 / 3};
  const std::array<double, 3> half{0.5, 0.5, 0.5};
  EXPECT_EQ(estimate_discounts({2, 2, 1, 0}).values, third);
  EXPECT_EQ(estimate_discounts({2, 2, 0, 1}).values, third);
  EXPECT_EQ(estimate_discounts({2, 2, 90, 1}).values, third);  // D2 would be below 0
  EXPECT_EQ(estimate_discounts({0, 2, 1, 1}).values, half);
  EXPECT_EQ(estimate_discounts({2, 0, 1, 1}).values, half);
  EXPECT_FALSE(estimate_discounts({2, 0, 1, 1}).estimated);
}

// Pairs: <s> A 3, A B 2, B </s> 2, A C 1, C </s> 1, so n1 = n2 = 2, n3 = 1, n4 = 0: every discount
// is 2 / (2 + 2 * 2) = 1/3. Distinct words before A, B, C: 1; before </s>: 2, so n1 = 3, n2 = 1,
// and every discount is 3/5; 5 words share the 4 * 3/5 given away, 0.48 of 5 each.
TEST(KneserNey, EqualsAHandComputedToyModel) {
  const auto text = testing::number_text({"A B", "A B", "A C"});
  const NgramModel model = testing::model_of(text, 2);
  const Vocabulary& words = text.vocabulary;
  const WordId a = words.find("A");
  const WordId b = words.find("B");
  const WordId c = words.find("C");
  const auto p = [&](const Ngram& context, WordId word) {
    return probability(model, context, word);
  };
  EXPECT_NEAR(p({}, a), (0.4 + 0.48) / 5, 1e-7);
  EXPECT_NEAR(p({}, words.sentence_end()), (1.4 + 0.48) / 5, 1e-7);
  EXPECT_NEAR(p({}, words.unknown()), 0.48 / 5, 1e-7);
  EXPECT_NEAR(p({a}, b), (2 - 1.0 / 3) / 3 + 2.0 / 9 * 0.176, 1e-7);
  EXPECT_NEAR(p({a}, c), (1 - 1.0 / 3) / 3 + 2.0 / 9 * 0.176, 1e-7);
  EXPECT_NEAR(p({a}, a), 2.0 / 9 * 0.176, 1e-7);
  EXPECT_NEAR(p({words.sentence_start()}, a), (3 - 1.0 / 3) / 3 + 1.0 / 9 * 0.176, 1e-7);
  EXPECT_EQ(p({}, words.sentence_start()), 0.0);
}

TEST(KneserNey, EqualsThePublishedFormulaeOnRandomTexts) {
  std::mt19937 random(1);
  for (int order = 1; order <= 4; ++order) {
    expect_equal_to_formulae(testing::number_text(testing::random_sentences(random, 60, 7)), order,
                             {});
  }
}

TEST(KneserNey, EqualsThePublishedFormulaeWithUnknownWords) {
  std::mt19937 random(2);
  const auto sentences = testing::random_sentences(random, 60, 20);
  expect_equal_to_formulae(testing::number_text(sentences, {.allowed = {}, .max_words = 5}), 3, {});
  expect_equal_to_formulae(
      testing::number_text(sentences, {.allowed = {}, .max_words = 5, .has_unknown = false}), 3,
      {});
}

TEST(KneserNey, EqualsThePublishedFormulaeWithCutoffs) {
  std::mt19937 random(3);
  const auto text = testing::number_text(testing::random_sentences(random, 60, 7));
  expect_equal_to_formulae(text, 3, with_cutoffs({0, 1}));
  expect_equal_to_formulae(text, 3, with_cutoffs({1, 2}));
  expect_equal_to_formulae(text, 3, with_cutoffs({9}));
}

TEST(KneserNey, EqualsThePublishedFormulaeOnOccurrencesInLowerOrders) {
  std::mt19937 random(4);
  const auto text = testing::number_text(testing::random_sentences(random, 60, 7));
  KneserNeyOptions options;
  options.lower_orders = LowerOrders::kOccurrences;
  expect_equal_to_formulae(text, 3, options);
}

TEST(KneserNey, LeavesOutRareNgramsButNoContextOfAKeptOne) {
  std::mt19937 random(5);
  const auto text = testing::number_text(testing::random_sentences(random, 200, 10));
  const NgramModel whole = testing::model_of(text, 3);
  const NgramModel cut = testing::model_of(text, 3, with_cutoffs({0, 1}));
  EXPECT_EQ(cut.level(2).size(), whole.level(2).size());
  std::size_t frequent = 0;
  for (const auto& [ngram, count] :
       testing::count_by_hand(text.corpus.tokens, text.vocabulary, 3)) {
    frequent += count > 1;
    EXPECT_EQ(cut.find(ngram).has_value(), count > 1);
  }
  EXPECT_EQ(cut.level(3).size(), frequent);
}

TEST(KneserNey, GivesUnseenWordsOfTheVocabularyASmallShare) {
  const auto text = testing::number_text({"A B", "B A A"}, {.allowed = {{"A", "B", "NEVER"}}});
  const NgramModel model = testing::model_of(text, 3);
  const double unseen = probability(model, {}, text.vocabulary.find("NEVER"));
  EXPECT_GT(unseen, 0.0);
  EXPECT_LT(unseen, probability(model, {}, text.vocabulary.find("B")));
  EXPECT_LT(testing::largest_sum_error(model), kTolerance);
}

TEST(KneserNey, RefusesWrongOptions) {
  const auto text = testing::number_text({"A B"});
  const NgramCounts counts = count_ngrams(text.corpus.tokens, text.vocabulary, 2);
  const auto estimate = [&](const KneserNeyOptions& options) {
    return estimate_kneser_ney(text.vocabulary, counts, options);
  };
  KneserNeyOptions too_high;
  too_high.order = 3;
  EXPECT_THAT([&] { estimate(too_high); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("expected 1 to 2, got 3")));
  EXPECT_THAT(
      [&] {
        estimate(with_cutoffs({1, 1}));
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("expected at most 1")));
  Vocabulary other = text.vocabulary;
  other.add("MORE");
  EXPECT_THROW(estimate_kneser_ney(other, counts, {}), std::invalid_argument);
}

TEST(KneserNey, RefusesATextWithoutWords) {
  const auto text = testing::number_text({});
  const NgramCounts counts = count_ngrams(text.corpus.tokens, text.vocabulary, 2);
  EXPECT_THROW(estimate_kneser_ney(text.vocabulary, counts, {}), std::runtime_error);
}

}  // namespace
}  // namespace harpy
