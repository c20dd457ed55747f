#include "decoder/lattice/least_errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "decoder/lattice/confusion_network.hpp"
#include "decoder/lattice/determinize.hpp"
#include "decoder/lattice/oracle.hpp"
#include "tests/decoder/lattice/random_lattice.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(LeastErrorWords, AreThoseOfMinimumBayesRiskOnTheirNearestPath) {
  std::mt19937 random(1);
  int off_the_path = 0;
  for (int i = 0; i < 3000; ++i) {
    SCOPED_TRACE(i);
    const CompactLattice lattice =
        determinize(testing::random_raw_lattice(random), {.beam = 1000.0});
    if (lattice.empty()) continue;
    const ConfusionNetwork network = minimum_bayes_risk(lattice, 0.2);
    const LeastErrors found = least_errors(lattice, 0.2);
    ASSERT_EQ(found.words.size(), network.words.size());
    EXPECT_EQ(found.path.words, oracle_path(lattice, network.words).path.words);
    for (std::size_t w = 0; w < found.words.size(); ++w) {
      const LikelyWord& word = found.words[w];
      EXPECT_EQ(word.word, network.words[w]);
      EXPECT_EQ(word.share, network.probability_of(w));
      EXPECT_LT(word.begin_frame, word.end_frame);
      off_the_path += word.path_word < 0 ? 1 : 0;
    }
  }
  EXPECT_GT(off_the_path, 0);
}

TEST(LeastErrorWords, LeaveOutAWordThatWasProbablyNotSaid) {
  // 1 2 4 with probability 0.4, 1 4 and 1 5 with 0.3 each: without 2 they are 0.6 together.
  const auto weight = [](double probability, std::uint32_t frames) {
    return CompactWeight{-std::log(probability), 0.0, 0, frames};
  };
  const CompactLattice lattice({{}, {}, {}, {0, {0.0, 0.0, 0, 0}}},
                               {{0, 1, 1, weight(1.0, 2)},
                                {1, 2, 2, weight(0.4, 2)},
                                {1, 3, 4, weight(0.3, 4)},
                                {1, 3, 5, weight(0.3, 4)},
                                {2, 3, 4, weight(1.0, 2)}},
                               {9, 9, 9, 9});
  EXPECT_THAT(best_path(lattice).words, ElementsAre(1, 2, 4));
  const LeastErrors found = least_errors(lattice, 1.0);
  EXPECT_THAT(found.path.words, ElementsAre(1, 4));
  ASSERT_EQ(found.words.size(), 2U);
  EXPECT_EQ(found.words[0].word, 1);
  EXPECT_EQ(found.words[0].path_word, 0);
  EXPECT_NEAR(found.words[0].share, 1.0, 1e-9);
  EXPECT_EQ(found.words[1].word, 4);
  EXPECT_EQ(found.words[1].path_word, 1);
  EXPECT_NEAR(found.words[1].share, 0.7, 1e-9);
}

TEST(LeastErrorWords, OfNothingAreNone) {
  const LeastErrors found = least_errors({}, 1.0);
  EXPECT_THAT(found.words, IsEmpty());
  EXPECT_THAT(found.path.words, IsEmpty());
}

}  // namespace
}  // namespace harpy
