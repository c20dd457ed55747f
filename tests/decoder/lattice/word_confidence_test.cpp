#include "decoder/lattice/word_confidence.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace harpy {
namespace {

TEST(CalibratedConfidence, IsTheShareUnlessTheScaleSaysOtherwise) {
  for (const double share : {0.001, 0.3, 0.5, 0.99}) {
    EXPECT_NEAR(calibrated_confidence(share, {}), share, 1e-12);
  }
  EXPECT_NEAR(calibrated_confidence(0.8, {.slope = 0.5, .offset = 1.0}),
              1.0 / (1.0 + std::exp(-(0.5 * std::log(4.0) + 1.0))), 1e-12);
}

TEST(CalibratedConfidence, OfNothingAndOfAllStaysInRange) {
  EXPECT_EQ(calibrated_confidence(0.0, {.offset = 5.0}), 0.0);
  EXPECT_GT(calibrated_confidence(1.0, {}), 0.9999);
  EXPECT_LT(calibrated_confidence(1.0 + 1e-12, {}), 1.0);
}

TEST(WordConfidences, AreTheSharesOfThePathsAtTheScale) {
  const CompactLattice lattice({{}, {0, {0.0, 0.0}}},
                               {{0, 1, 1, {0.0, 0.0}}, {0, 1, 2, {2.0, 0.0}}}, {});
  const std::vector<std::int32_t> words{1};
  EXPECT_NEAR(word_confidences(lattice, words, {.posterior_scale = 0.5})[0],
              1.0 / (1.0 + std::exp(-1.0)), 1e-12);
  EXPECT_EQ(word_confidences({}, words, {})[0], 0.0);
}

}  // namespace
}  // namespace harpy
