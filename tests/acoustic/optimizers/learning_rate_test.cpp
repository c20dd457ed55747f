#include "acoustic/optimizers/learning_rate.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace harpy {
namespace {

TEST(LearningRate, RisesInEqualPartsThenFallsToItsFinalRatio) {
  LearningRateOptions options{.peak = 0.1F, .warmup_steps = 10, .final_ratio = 0.01F};
  for (const auto decay : {LearningRateDecay::kCosine, LearningRateDecay::kExponential}) {
    options.decay = decay;
    EXPECT_FLOAT_EQ(learning_rate(options, 1, 110), 0.01F);
    EXPECT_FLOAT_EQ(learning_rate(options, 10, 110), 0.1F);
    EXPECT_FLOAT_EQ(learning_rate(options, 110, 110), 0.001F);
    for (std::int64_t step = 11; step <= 110; ++step) {
      EXPECT_LT(learning_rate(options, step, 110), learning_rate(options, step - 1, 110));
    }
  }
  options.decay = LearningRateDecay::kCosine;
  EXPECT_FLOAT_EQ(learning_rate(options, 60, 110), 0.0505F);
  options.decay = LearningRateDecay::kExponential;
  EXPECT_FLOAT_EQ(learning_rate(options, 60, 110), 0.01F);
  options.decay = LearningRateDecay::kConstant;
  EXPECT_FLOAT_EQ(learning_rate(options, 110, 110), 0.1F);
}

TEST(LearningRate, TakesStepsOutsideAsTheNearestInside) {
  const LearningRateOptions options{.peak = 1.0F, .warmup_steps = 0};
  EXPECT_EQ(learning_rate(options, 0, 5), learning_rate(options, 1, 5));
  EXPECT_EQ(learning_rate(options, 9, 5), learning_rate(options, 5, 5));
  EXPECT_GT(learning_rate(options, 1, 0), 0.0F);
}

TEST(LearningRate, RefusesImpossibleOptions) {
  EXPECT_THROW(learning_rate({.peak = 0.0F}, 1, 1), std::invalid_argument);
  EXPECT_THROW(learning_rate({.warmup_steps = -1}, 1, 1), std::invalid_argument);
  EXPECT_THROW(learning_rate({.final_ratio = 0.0F}, 1, 1), std::invalid_argument);
  EXPECT_THROW(learning_rate({.final_ratio = 1.5F}, 1, 1), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
