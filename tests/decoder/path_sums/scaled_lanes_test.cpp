#include "decoder/path_sums/scaled_lanes.hpp"

#include <gtest/gtest.h>

namespace harpy::forward_backward {
namespace {

TEST(ScaledLanes, SumsOfVeryDifferentNumbersKeepTheLarger) {
  Scaled<1> x{1.5F, 100000};
  add(Scaled<1>{1.25F, -100000}, x);
  normalize(x);
  EXPECT_EQ(x.mantissa, 1.5F);
  EXPECT_EQ(x.exponent, 100000);
  add(Scaled<1>{1.5F, 100000}, x);
  normalize(x);
  EXPECT_EQ(x.mantissa, 1.5F);
  EXPECT_EQ(x.exponent, 100001);
}

TEST(ScaledLanes, ZeroAndWhatIsBelowTheRangeBecomeTheOneZero) {
  for (Scaled<1> x : {Scaled<1>{0.0F, 12}, Scaled<1>{1.5F, kZeroExponent - 5}}) {
    normalize(x);
    EXPECT_EQ(x.mantissa, 0.0F);
    EXPECT_EQ(x.exponent, kZeroExponent);
  }
  Scaled<1> large{1.5F, 3 * -kZeroExponent};
  normalize(large);
  EXPECT_EQ(large.exponent, -kZeroExponent);
}

TEST(ScaledLanes, VectorsTakeTheStepsOfSingleNumbers) {
  constexpr int kLanes = 16;
  ScaledLanes<kLanes> a, b, sums;
  for (int lane = 0; lane < kLanes; ++lane) {
    const float offset = static_cast<float>(lane) / 16.0F;
    a.mantissa.lane[lane] = lane == 3 ? 0.0F : 1.0F + offset;
    a.exponent.lane[lane] = lane == 3 ? kZeroExponent : 10 * lane;
    b.mantissa.lane[lane] = lane == 5 ? 0.0F : 1.9F - offset / 2;
    b.exponent.lane[lane] = lane == 5 ? kZeroExponent : 100 - 10 * lane;
  }
  Scaled<kLanes> x, y;
  load(a, x);
  load(b, y);
  add(y, x);
  normalize(x);
  store(x, sums);
  for (int lane = 0; lane < kLanes; ++lane) {
    Scaled<1> sum{a.mantissa.lane[lane], a.exponent.lane[lane]};
    add(Scaled<1>{b.mantissa.lane[lane], b.exponent.lane[lane]}, sum);
    normalize(sum);
    EXPECT_EQ(sums.mantissa.lane[lane], sum.mantissa);
    EXPECT_EQ(sums.exponent.lane[lane], sum.exponent);
  }
}

}  // namespace
}  // namespace harpy::forward_backward
