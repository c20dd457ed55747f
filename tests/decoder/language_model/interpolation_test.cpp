#include "decoder/language_model/interpolation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "decoder/language_model/perplexity.hpp"
#include "tests/decoder/language_model/reference_ngrams.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;
using testing::Ngram;
using ::testing::ThrowsMessage;

class Mixture : public ::testing::Test {
 protected:
  Mixture() {
    std::mt19937 random(1);
    auto first = testing::random_sentences(random, 150, 10);
    auto second = testing::random_sentences(random, 80, 25);
    auto held_out = testing::random_sentences(random, 60, 16);
    auto all = first;
    all.insert(all.end(), second.begin(), second.end());
    VocabularyOptions same_words;
    const Vocabulary vocabulary = testing::number_text(all).vocabulary;
    same_words.allowed.emplace();
    for (WordId word = 0; word < vocabulary.size(); ++word) {
      same_words.allowed->push_back(vocabulary.word(word));
    }
    models_.push_back(testing::model_of(testing::number_text(first, same_words), 3));
    models_.push_back(testing::model_of(testing::number_text(second, same_words), 2));
    held_out_ = testing::number_text(held_out, same_words).corpus;
  }

  double mixed_log_probability(double weight) const {
    double total = 0.0;
    visit_predictions(held_out_, models_[0].vocabulary(),
                      [&](std::span<const WordId> context, WordId word) {
                        total += std::log(weight * probability(0, context, word) +
                                          (1.0 - weight) * probability(1, context, word));
                      });
    return total;
  }

  double probability(std::size_t model, std::span<const WordId> context, WordId word) const {
    return std::exp(static_cast<double>(models_[model].log_probability(context, word)));
  }

  std::vector<NgramModel> models_;
  Corpus held_out_;
};

TEST_F(Mixture, HoldsTheNgramsOfAllModelsWithMixedProbabilities) {
  const std::vector<double> weights{0.3, 0.7};
  const NgramModel mixture = interpolate(models_, weights);
  ASSERT_EQ(mixture.order(), 3);
  EXPECT_EQ(mixture.level(3).size(), models_[0].level(3).size());
  for (int n = 1; n <= 3; ++n) {
    mixture.visit(n, [&](std::span<const WordId> words, std::uint32_t index) {
      const auto context = words.first(words.size() - 1);
      const double expected = weights[0] * probability(0, context, words.back()) +
                              weights[1] * probability(1, context, words.back());
      EXPECT_NEAR(std::exp(static_cast<double>(mixture.level(n).log_probabilities[index])),
                  expected, 2e-6 * expected);
      EXPECT_TRUE(models_[0].find(words) || models_[1].find(words));
    });
    for (const NgramModel& model : models_) {
      if (n > model.order()) continue;
      model.visit(n, [&](std::span<const WordId> words, std::uint32_t) {
        EXPECT_TRUE(mixture.find(words)) << ::testing::PrintToString(words);
      });
    }
  }
  EXPECT_LT(testing::largest_sum_error(mixture), 1e-5);
}

TEST_F(Mixture, OfOneModelIsThatModel) {
  const NgramModel mixture = interpolate(std::span(models_).first(1), std::vector<double>{1.0});
  for (int n = 1; n <= 3; ++n) {
    EXPECT_EQ(mixture.level(n).words, models_[0].level(n).words);
    EXPECT_EQ(mixture.level(n).first_child, models_[0].level(n).first_child);
    models_[0].visit(n, [&](std::span<const WordId>, std::uint32_t index) {
      EXPECT_FLOAT_EQ(mixture.level(n).log_probabilities[index],
                      models_[0].level(n).log_probabilities[index]);
      if (n < 3) {
        EXPECT_NEAR(mixture.level(n).log_backoffs[index], models_[0].level(n).log_backoffs[index],
                    1e-3);
      }
    });
  }
}

TEST_F(Mixture, TunesWeightsToTheHeldOutText) {
  const std::vector<double> weights = tune_weights(models_, held_out_);
  ASSERT_EQ(weights.size(), 2U);
  EXPECT_NEAR(weights[0] + weights[1], 1.0, 1e-6);
  double best = -INFINITY;
  for (int i = 1; i < 1000; ++i) best = std::max(best, mixed_log_probability(i / 1000.0));
  EXPECT_GE(mixed_log_probability(weights[0]), best - 0.01);
  EXPECT_GT(weights[0], 0.05);
  EXPECT_LT(weights[0], 0.95);
}

TEST_F(Mixture, KeepsAModelThatDoesNotHelp) {
  std::vector<NgramModel> models{models_[0], models_[0]};
  NgramLevel flat = models_[1].level(1);
  for (float& value : flat.log_probabilities) value = -60.0F;
  flat.log_backoffs.clear();
  flat.first_child.clear();
  models[1] = NgramModel(models_[0].vocabulary(), {flat});
  const std::vector<double> weights = tune_weights(models, held_out_);
  EXPECT_GT(weights[1], 0.0);
  EXPECT_LT(weights[1], 1e-3);
  EXPECT_NO_THROW(interpolate(models, weights));
}

TEST_F(Mixture, RefusesWrongWeightsAndStrangers) {
  const auto mix = [&](const std::vector<double>& weights) {
    return interpolate(models_, weights);
  };
  EXPECT_THAT([&] { mix({1.0}); }, ThrowsMessage<std::invalid_argument>(HasSubstr("2 weights")));
  EXPECT_THAT([&] { mix({0.5, 0.4}); }, ThrowsMessage<std::invalid_argument>(HasSubstr("sum 1")));
  EXPECT_THAT(
      [&] {
        mix({1.0, 0.0});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("positive")));
  EXPECT_THROW(tune_weights({}, held_out_), std::invalid_argument);
  EXPECT_THROW(tune_weights(models_, Corpus{}), std::runtime_error);
  models_.push_back(testing::model_of(testing::number_text({"STRANGE WORDS"}), 2));
  EXPECT_THAT([&] { tune_weights(models_, held_out_); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("one vocabulary")));
}

}  // namespace
}  // namespace harpy
