#include "decoder/language_model/ngram_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/decoder/language_model/reference_ngrams.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Ngram;
using ::testing::ThrowsMessage;

constexpr WordId kA = 2;
constexpr WordId kB = 3;

/// Words <s>, </s>, A, B; bigrams <s> A, A A, A B, B </s>; trigram A A B.
class SmallModel : public ::testing::Test {
 protected:
  static Vocabulary vocabulary() {
    Vocabulary words;
    for (const char* word : {"<s>", "</s>", "A", "B"}) words.add(word);
    return words;
  }

  static std::vector<NgramLevel> levels() {
    return {
        {{0, 1, 2, 3}, {-9.0F, -1.0F, -2.0F, -3.0F}, {-0.1F, 0.0F, -0.2F, -0.3F}, {0, 1, 1, 3, 4}},
        {{2, 2, 3, 1}, {-0.5F, -0.6F, -0.7F, -0.8F}, {0.0F, -0.4F, 0.0F, 0.0F}, {0, 0, 1, 1, 1}},
        {{3}, {-0.9F}, {}, {}}};
  }

  NgramModel model_{vocabulary(), levels()};
};

TEST_F(SmallModel, FindsItsNgrams) {
  EXPECT_EQ(model_.order(), 3);
  EXPECT_EQ(model_.ngram_count(), 9U);
  EXPECT_EQ(model_.find(Ngram{kA, kB}), 2U);
  EXPECT_EQ(model_.find(Ngram{kA, kA, kB}), 0U);
  EXPECT_EQ(model_.find(Ngram{kB, kA}), std::nullopt);
  EXPECT_EQ(model_.find(Ngram{}), std::nullopt);
  EXPECT_EQ(model_.find(Ngram{99}), std::nullopt);
  EXPECT_EQ(model_.find(Ngram{kA, kA, kB, kB}), std::nullopt);
  EXPECT_EQ(model_.find_child(1, kB, 1), 3U);
}

TEST_F(SmallModel, BacksOffToShorterContexts) {
  EXPECT_FLOAT_EQ(model_.log_probability({}, kA), -2.0F);
  EXPECT_FLOAT_EQ(model_.log_probability(Ngram{kA}, kB), -0.7F);
  EXPECT_FLOAT_EQ(model_.log_probability(Ngram{kA, kA}, kB), -0.9F);
  EXPECT_FLOAT_EQ(model_.log_probability(Ngram{kA, kA}, kA), -0.4F - 0.6F);
  EXPECT_FLOAT_EQ(model_.log_probability(Ngram{kA, kA}, 1), -0.4F - 0.2F - 1.0F);
  // B A is not in the model, so the context A decides alone.
  EXPECT_FLOAT_EQ(model_.log_probability(Ngram{kB, kA}, kB), -0.7F);
  // Only the last two words count.
  EXPECT_FLOAT_EQ(model_.log_probability(Ngram{kB, kA, kA}, kB), -0.9F);
  EXPECT_FLOAT_EQ(model_.log_probability(Ngram{kNoWord, kA}, kB), -0.7F);
}

TEST_F(SmallModel, VisitsItsNgramsInOrder) {
  std::vector<Ngram> pairs;
  model_.visit(2, [&](std::span<const WordId> words, std::uint32_t index) {
    EXPECT_EQ(index, pairs.size());
    pairs.emplace_back(words.begin(), words.end());
  });
  EXPECT_THAT(pairs, ElementsAre(Ngram{0, kA}, Ngram{kA, kA}, Ngram{kA, kB}, Ngram{kB, 1}));
  model_.visit(3, [&](std::span<const WordId> words, std::uint32_t) {
    EXPECT_THAT(words, ElementsAre(kA, kA, kB));
  });
}

TEST_F(SmallModel, KeepsOnlyWhatIsAskedFor) {
  model_.keep_only({{true, true, true, true}, {false, true, false, true}, {true}});
  EXPECT_EQ(model_.find(Ngram{0, kA}), std::nullopt);
  EXPECT_EQ(model_.find(Ngram{kA, kB}), std::nullopt);
  EXPECT_EQ(model_.find(Ngram{kB, 1}), 1U);
  EXPECT_EQ(model_.find(Ngram{kA, kA, kB}), 0U);
  EXPECT_FLOAT_EQ(model_.log_probability(Ngram{kA, kA}, kB), -0.9F);
  EXPECT_FLOAT_EQ(model_.log_probability(Ngram{kA}, kB), -0.2F - 3.0F);
}

TEST_F(SmallModel, RefusesToLoseAUnigramOrTheContextOfAKeptNgram) {
  EXPECT_THROW(model_.keep_only({{true, true, true, false}, {true, true, true, true}, {true}}),
               std::invalid_argument);
  NgramModel again(vocabulary(), levels());
  EXPECT_THROW(again.keep_only({{true, true, true, true}, {true, false, true, true}, {true}}),
               std::invalid_argument);
}

TEST_F(SmallModel, RefusesLevelsThatContradictEachOther) {
  const auto expect_refused = [](const std::function<void(std::vector<NgramLevel>&)>& damage,
                                 const char* message) {
    auto damaged = levels();
    damage(damaged);
    EXPECT_THAT([&] { NgramModel(vocabulary(), damaged); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(message)));
  };
  expect_refused([](auto& all) { all.clear(); }, "expected at least unigrams");
  expect_refused([](auto& all) { all[0].words.pop_back(); }, "expected 4 unigrams");
  expect_refused([](auto& all) { all[1].log_probabilities.pop_back(); }, "one probability each");
  expect_refused([](auto& all) { all[2].log_backoffs.push_back(0.0F); }, "one back-off weight");
  expect_refused([](auto& all) { all[1].first_child.pop_back(); }, "one offset more");
  expect_refused([](auto& all) { all[1].first_child.back() = 7; }, "offsets that rise");
  expect_refused([](auto& all) { std::swap(all[0].first_child[1], all[0].first_child[4]); },
                 "offsets that rise");
}

TEST(NgramModelOfText, NormalizesItsBackoffs) {
  std::mt19937 random(1);
  const auto text = testing::number_text(testing::random_sentences(random, 100, 40));
  NgramModel model = testing::model_of(text, 3);
  std::vector<std::vector<bool>> keep;
  for (int n = 1; n <= 3; ++n) keep.emplace_back(model.level(n).size(), n < 3);
  for (std::size_t i = 0; i < keep[2].size(); i += 3) keep[2][i] = true;
  model.keep_only(keep);
  EXPECT_GT(testing::largest_sum_error(model), 1e-3);
  model.normalize_backoffs();
  EXPECT_LT(testing::largest_sum_error(model), 1e-5);
}

TEST(NgramModelOfText, HasABackoffOfOneWhereAContextHasSeenEveryWord) {
  Vocabulary words;
  for (const char* word : {"<s>", "</s>", "A"}) words.add(word);
  const auto log_half = static_cast<float>(std::log(0.5));
  NgramModel model(words, {{{0, 1, 2},
                            {-std::numeric_limits<float>::infinity(), log_half, log_half},
                            {0.0F, 0.0F, 0.0F},
                            {0, 2, 2, 2}},
                           {{1, 2}, {log_half, log_half}, {}, {}}});
  model.normalize_backoffs();
  EXPECT_EQ(model.level(1).log_backoffs[0], 0.0F);
  EXPECT_EQ(model.level(1).log_backoffs[2], 0.0F);
  EXPECT_LT(testing::largest_sum_error(model), 1e-6);
}

}  // namespace
}  // namespace harpy
