#include "acoustic/training/half.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace harpy {
namespace {

TEST(Half, EveryFiniteHalfSurvivesFloatAndBack) {
  for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
    if ((bits & 0x7C00U) == 0x7C00U) continue;
    const Half half{static_cast<std::uint16_t>(bits)};
    EXPECT_EQ(to_half(to_float(half)), half) << bits;
  }
}

TEST(Half, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(to_float(to_half(1.0F + 0x1.0p-11F)), 1.0F);
  EXPECT_EQ(to_float(to_half(1.0F + 3 * 0x1.0p-11F)), 1.0F + 2 * 0x1.0p-10F);
  EXPECT_EQ(to_float(to_half(1.0F + 0x1.2p-11F)), 1.0F + 0x1.0p-10F);
  EXPECT_EQ(to_float(to_half(0x1.0p-25F)), 0.0F);
  EXPECT_EQ(to_float(to_half(0x1.2p-25F)), 0x1.0p-24F);
  for (float value = -40.0F; value < 40.0F; value += 0.0137F) {
    EXPECT_NEAR(to_float(to_half(value)), value, std::abs(value) * 0x1.0p-11F);
  }
}

TEST(Half, ClampsWhatItCannotHold) {
  EXPECT_EQ(to_float(to_half(1e9F)), 65504.0F);
  EXPECT_EQ(to_float(to_half(-std::numeric_limits<float>::infinity())), -65504.0F);
  EXPECT_EQ(to_float(to_half(std::numeric_limits<float>::quiet_NaN())), 0.0F);
}

}  // namespace
}  // namespace harpy
