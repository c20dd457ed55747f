#include "acoustic/training/length_groups.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

namespace harpy {
namespace {

TEST(LengthGroups, AreFewAscendingMultiplesThatCoverTheRange) {
  for (const std::int64_t count : {1, 2, 5, 64}) {
    for (const std::int64_t longest : {40, 41, 400, 3500}) {
      const LengthGroups groups({40, longest, 3, count});
      const auto lengths = groups.lengths();
      EXPECT_LE(lengths.size(), static_cast<std::size_t>(count));
      EXPECT_TRUE(std::is_sorted(lengths.begin(), lengths.end()));
      EXPECT_EQ(std::set(lengths.begin(), lengths.end()).size(), lengths.size());
      for (const std::int64_t length : lengths) EXPECT_EQ(length % 3, 0);
      EXPECT_GE(lengths.back(), longest);
      EXPECT_LT(lengths.back(), longest + 3);
    }
  }
}

TEST(LengthGroups, NearestIsTheNearestByRatio) {
  const LengthGroups groups({30, 3000, 3, 64});
  const auto lengths = groups.lengths();
  for (double frames = 10.0; frames < 4000.0; frames *= 1.01) {
    const auto ratio = [&](std::int64_t length) {
      return std::abs(std::log(static_cast<double>(length) / frames));
    };
    const double best = ratio(
        *std::min_element(lengths.begin(), lengths.end(),
                          [&](std::int64_t a, std::int64_t b) { return ratio(a) < ratio(b); }));
    EXPECT_DOUBLE_EQ(ratio(lengths[groups.nearest(frames, 1)]), best);
  }
}

TEST(LengthGroups, NearestKeepsTheMinimum) {
  const LengthGroups groups({30, 300, 3, 20});
  for (std::int64_t minimum = 1; minimum <= 300; ++minimum) {
    EXPECT_GE(groups.lengths()[groups.nearest(50.0, minimum)], minimum);
  }
  EXPECT_EQ(groups.nearest(50.0, 10000), groups.lengths().size() - 1);
}

TEST(LengthGroups, RefuseImpossibleOptions) {
  EXPECT_THROW(LengthGroups({0, 10, 3, 64}), std::invalid_argument);
  EXPECT_THROW(LengthGroups({10, 9, 3, 64}), std::invalid_argument);
  EXPECT_THROW(LengthGroups({10, 20, 0, 64}), std::invalid_argument);
  EXPECT_THROW(LengthGroups({10, 20, 3, 0}), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
