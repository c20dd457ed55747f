#include "decoder/language_model/pruning.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/decoder/language_model/reference_ngrams.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;
using testing::Ngram;
using testing::probability;
using ::testing::ThrowsMessage;

/// The relative entropy between p(. | h) and the same without the n-gram h w, word by word over the
/// whole vocabulary, weighted with p(h).
double loss_by_definition(const NgramModel& model, const NgramModel& histories,
                          std::span<const WordId> ngram) {
  const auto context = ngram.first(ngram.size() - 1);
  const Vocabulary& vocabulary = model.vocabulary();
  double context_probability = 1.0;
  for (std::size_t i = 0; i < context.size(); ++i) {
    const WordId word =
        context[i] == vocabulary.sentence_start() ? vocabulary.sentence_end() : context[i];
    context_probability *= probability(histories, context.first(i), word);
  }
  const auto is_seen = [&](WordId word) {
    Ngram extended(context.begin(), context.end());
    extended.push_back(word);
    return word != ngram.back() && model.find(extended).has_value();
  };
  double rest = 1.0;
  double shorter_rest = 1.0;
  for (WordId word = 1; word < vocabulary.size(); ++word) {
    if (!is_seen(word)) continue;
    rest -= probability(model, context, word);
    shorter_rest -= probability(model, context.subspan(1), word);
  }
  double entropy = 0.0;
  for (WordId word = 1; word < vocabulary.size(); ++word) {
    if (is_seen(word)) continue;
    const double before = probability(model, context, word);
    const double after = rest / shorter_rest * probability(model, context.subspan(1), word);
    entropy += before * std::log(before / after);
  }
  return std::expm1(context_probability * entropy);
}

class PrunedModel : public ::testing::Test {
 protected:
  PrunedModel() {
    std::mt19937 random(1);
    const auto text = testing::number_text(testing::random_sentences(random, 150, 30));
    const NgramCounts counts = count_ngrams(text.corpus.tokens, text.vocabulary, 3);
    model_.push_back(estimate_kneser_ney(text.vocabulary, counts, {}).model);
    KneserNeyOptions options;
    options.order = 2;
    options.lower_orders = LowerOrders::kOccurrences;
    histories_.push_back(estimate_kneser_ney(text.vocabulary, counts, options).model);
  }

  /// For every n-gram of two words and more the greatest loss of itself and of those it begins.
  std::map<Ngram, double> losses() const {
    std::map<Ngram, double> found;
    for (int n = 3; n >= 2; --n) {
      model().visit(n, [&](std::span<const WordId> words, std::uint32_t) {
        const Ngram ngram(words.begin(), words.end());
        double& own = found[ngram];
        own = std::max(own, loss_by_definition(model(), histories(), words));
        if (n == 3) {
          double& of_context = found[Ngram(words.begin(), words.end() - 1)];
          of_context = std::max(of_context, own);
        }
      });
    }
    return found;
  }

  const NgramModel& model() const { return model_[0]; }
  const NgramModel& histories() const { return histories_[0]; }

  std::vector<NgramModel> model_;
  std::vector<NgramModel> histories_;
};

TEST_F(PrunedModel, LosesTheNgramsWhoseLossIsBelowTheThreshold) {
  const auto all = losses();
  std::vector<double> sorted;
  for (const auto& [ngram, loss] : all) sorted.push_back(loss);
  std::sort(sorted.begin(), sorted.end());
  for (const std::size_t lost : {sorted.size() / 10, sorted.size() / 2, sorted.size() - 9}) {
    const double threshold = (sorted[lost] + sorted[lost - 1]) / 2.0;
    NgramModel pruned = model();
    prune(pruned, histories(), {.threshold = threshold});
    std::size_t kept = 0;
    for (const auto& [ngram, loss] : all) {
      kept += pruned.find(ngram).has_value();
      if (std::abs(loss - threshold) < 1e-3 * threshold) continue;
      EXPECT_EQ(pruned.find(ngram).has_value(), loss >= threshold)
          << ::testing::PrintToString(ngram) << " " << loss;
    }
    EXPECT_EQ(pruned.level(2).size() + pruned.level(3).size(), kept);
    EXPECT_LT(kept, all.size());
    EXPECT_GT(kept, 0U);
    EXPECT_LT(testing::largest_sum_error(pruned), 1e-5);
  }
}

TEST_F(PrunedModel, KeepsTheWantedNumberOfTheMostUsefulNgrams) {
  const auto all = losses();
  const std::uint64_t unigrams = model().level(1).size();
  for (const std::uint64_t wanted : {unigrams + 1, unigrams + 50, unigrams + 200}) {
    NgramModel pruned = model();
    prune(pruned, histories(), {.max_ngrams = wanted});
    EXPECT_EQ(pruned.ngram_count(), wanted);
    double least_kept = INFINITY;
    double largest_lost = 0.0;
    for (const auto& [ngram, loss] : all) {
      if (pruned.find(ngram)) {
        least_kept = std::min(least_kept, loss);
      } else {
        largest_lost = std::max(largest_lost, loss);
      }
    }
    EXPECT_GE(least_kept, largest_lost * (1.0 - 1e-3));
    EXPECT_LT(testing::largest_sum_error(pruned), 1e-5);
  }
}

TEST_F(PrunedModel, KeepsAllWordsAndKeepsEverythingWhereThereIsRoom) {
  NgramModel pruned = model();
  prune(pruned, histories(), {.max_ngrams = model().ngram_count()});
  EXPECT_EQ(pruned.ngram_count(), model().ngram_count());
  prune(pruned, histories(), {});
  EXPECT_EQ(pruned.ngram_count(), model().ngram_count());
  prune(pruned, histories(), {.max_ngrams = 1});
  EXPECT_EQ(pruned.ngram_count(), model().level(1).size());
  EXPECT_LT(testing::largest_sum_error(pruned), 1e-5);
}

TEST_F(PrunedModel, ObeysThresholdAndNumberTogether) {
  NgramModel by_threshold = model();
  prune(by_threshold, histories(), {.threshold = 5e-3});
  NgramModel by_both = model();
  prune(by_both, histories(), {.threshold = 5e-3, .max_ngrams = by_threshold.ngram_count() - 5});
  EXPECT_EQ(by_both.ngram_count(), by_threshold.ngram_count() - 5);
}

TEST_F(PrunedModel, MayBeItsOwnHistories) {
  NgramModel pruned = model();
  prune(pruned, model(), {.max_ngrams = 100});
  EXPECT_EQ(pruned.ngram_count(), 100U);
}

TEST_F(PrunedModel, KeepsTheContextsOfNgramsWithEqualLosses) {
  // All trigrams are lost alike, and each bigram counts what its best trigram does.
  NgramModel pruned = testing::model_of(testing::number_text({"A B C", "D E F", "G H I"}), 3);
  const std::uint64_t unigrams = pruned.level(1).size();
  for (std::uint64_t wanted = pruned.ngram_count(); wanted > unigrams; --wanted) {
    NgramModel smaller = pruned;
    ASSERT_NO_THROW(prune(smaller, pruned, {.max_ngrams = wanted}));
    EXPECT_EQ(smaller.ngram_count(), wanted);
  }
}

TEST_F(PrunedModel, RefusesStrangersAndNegativeThresholds) {
  NgramModel pruned = model();
  EXPECT_THAT([&] { prune(pruned, histories(), {.threshold = -1.0}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("expected 0 or more")));
  const NgramModel stranger = testing::model_of(testing::number_text({"STRANGE WORDS"}), 2);
  EXPECT_THAT([&] { prune(pruned, stranger, {}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("one vocabulary")));
}

}  // namespace
}  // namespace harpy
