#include "acoustic/training/keyed_random.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace harpy {
namespace {

TEST(KeyedRandom, TheSameKeyGivesTheSameNumbersAndAnyOtherKeyOthers) {
  KeyedRandom a{1, 2, 3};
  KeyedRandom b{1, 2, 3};
  KeyedRandom c{1, 3, 2};
  for (int i = 0; i < 10; ++i) {
    const std::uint64_t value = a.next();
    EXPECT_EQ(value, b.next());
    EXPECT_NE(value, c.next());
  }
}

TEST(KeyedRandom, IsUniform) {
  KeyedRandom random{5};
  double sum = 0.0;
  double squares = 0.0;
  std::vector<int> counts(7);
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.uniform(-1.0, 3.0);
    ASSERT_GE(value, -1.0);
    ASSERT_LT(value, 3.0);
    sum += value;
    squares += value * value;
    ++counts[static_cast<std::size_t>(random.below(7))];
  }
  EXPECT_NEAR(sum / kDraws, 1.0, 0.02);
  EXPECT_NEAR(squares / kDraws - 1.0, 16.0 / 12.0, 0.03);
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 7.0, 600);
}

TEST(KeyedRandom, ShuffleKeepsAllValues) {
  std::vector<int> values(50);
  std::iota(values.begin(), values.end(), 0);
  std::vector<int> shuffled = values;
  KeyedRandom random{9};
  shuffle(std::span(shuffled), random);
  EXPECT_NE(shuffled, values);
  std::sort(shuffled.begin(), shuffled.end());
  EXPECT_EQ(shuffled, values);
}

TEST(KeyedRandom, TextHashIsTheKnownFunction) {
  EXPECT_EQ(hash_text(""), 0xCBF29CE484222325ULL);
  EXPECT_EQ(hash_text("a"), 0xAF63DC4C8601EC8CULL);
}

}  // namespace
}  // namespace harpy
