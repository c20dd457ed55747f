#include "decoder/path_sums/scaled_number.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace harpy::forward_backward {
namespace {

double value_of(const ScaledFloat& x) { return std::ldexp(double{x.mantissa}, x.exponent); }

TEST(ScaledNumber, ExponentialIsWithinTwoUnitsInTheLastPlace) {
  for (float x = -600.0F; x < 600.0F; x += 0.37F) {
    const ScaledFloat y = exp_scaled(x);
    EXPECT_GE(y.mantissa, 1.0F);
    EXPECT_LT(y.mantissa, 2.0F);
    EXPECT_NEAR(value_of(y) / std::exp(double{x}), 1.0, 2.5e-7 + 6e-8 * std::fabs(x)) << x;
  }
}

TEST(ScaledNumber, ExponentialOfTheLeastAndOfNothingIsZero) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float x : {-infinity, -kLogLimit, -3e38F, std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_EQ(exp_scaled(x).mantissa, 0.0F);
    EXPECT_EQ(exp_scaled(x).exponent, kZeroExponent);
  }
  EXPECT_EQ(exp_scaled(infinity).exponent, exp_scaled(kLogLimit).exponent);
  EXPECT_NEAR(exp_scaled(kLogLimit).exponent, 144269, 1);
}

}  // namespace
}  // namespace harpy::forward_backward
