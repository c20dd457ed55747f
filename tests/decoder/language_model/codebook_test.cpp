#include "decoder/language_model/codebook.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

namespace harpy {
namespace {

using ::testing::ElementsAre;

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

TEST(Codebook, IsExactWhereTheEntriesSuffice) {
  const std::vector<float> values{-2.0F, 0.0F, 0.5F, -2.0F, kMinusInfinity};
  const Codebook codebook(values, 4);
  EXPECT_THAT(codebook.entries(), ElementsAre(kMinusInfinity, -2.0F, 0.0F, 0.5F));
  for (const float value : values) EXPECT_EQ(codebook.entries()[codebook.code(value)], value);
}

TEST(Codebook, CutsTheRangeIntoBinsOfTheSameWidth) {
  // Three entries are kept free: two bins, of -8 to -4 and of -4 to 0.
  const Codebook codebook({-8.0F, -7.0F, -6.0F, -3.0F, -2.0F, -1.0F, -0.5F, -0.5F}, 5);
  EXPECT_THAT(codebook.entries(), ElementsAre(-7.0F, -1.4F));
  EXPECT_EQ(codebook.code(-8.0F), 0U);
  EXPECT_EQ(codebook.code(-6.0F), 0U);
  EXPECT_EQ(codebook.code(-3.0F), 1U);
  EXPECT_EQ(codebook.code(-0.5F), 1U);
}

TEST(Codebook, KeepsZeroAndMinusInfinity) {
  const Codebook codebook({kMinusInfinity, -2.0F, 0.0F, 1.0F, 3.0F, 4.0F, kMinusInfinity}, 5);
  EXPECT_THAT(codebook.entries(), ElementsAre(kMinusInfinity, -2.0F, 0.0F, 8.0F / 3.0F));
  // Here 0 cuts the only bin in two.
  EXPECT_THAT(Codebook({-4.0F, -2.0F, 0.0F, 1.0F, 3.0F, 4.0F}, 4).entries(),
              ElementsAre(-3.0F, 0.0F, 8.0F / 3.0F));
}

TEST(Codebook, NeverHasMoreEntriesThanAllowedAndIsNeverOffByMoreThanABin) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<float> values;
    std::normal_distribution<float> draw(0.0F, 2.0F);
    for (int i = 0; i < 500; ++i) {
      values.push_back(random() % 10 == 0 ? 0.0F : draw(random));
      if (random() % 20 == 0) values.back() = kMinusInfinity;
    }
    const std::size_t max_entries = 4 + random() % 40;
    const Codebook codebook(values, max_entries);
    ASSERT_LE(codebook.entries().size(), max_entries);
    EXPECT_TRUE(std::is_sorted(codebook.entries().begin(), codebook.entries().end()));
    float least = 0.0F;
    for (const float value : values) {
      if (!std::isinf(value)) least = std::min(least, value);
    }
    const float range = *std::max_element(values.begin(), values.end()) - least;
    for (const float value : values) {
      const std::uint32_t code = codebook.code(value);
      ASSERT_LT(code, codebook.entries().size());
      if (value == 0.0F || std::isinf(value)) {
        EXPECT_EQ(codebook.entries()[code], value);
      } else {
        EXPECT_LE(std::abs(codebook.entries()[code] - value),
                  range / static_cast<float>(max_entries - 3) * 1.001F);
      }
    }
  }
}

TEST(Codebook, OfNothingIsEmpty) {
  EXPECT_TRUE(Codebook({}, 256).entries().empty());
  EXPECT_THROW(Codebook({}, 3), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
