#include "frontend/row_queue.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <stdexcept>

namespace harpy {
namespace {

TEST(RowQueue, BehavesLikeAQueueOfRows) {
  constexpr int kRowDim = 3;
  RowQueue queue(kRowDim);
  std::deque<std::vector<float>> expected;
  std::mt19937 random(7);
  std::int64_t removed = 0;
  float next = 1.0F;
  for (int step = 0; step < 2000; ++step) {
    if (random() % 2 == 0) {
      const std::span<float> row = queue.append();
      ASSERT_EQ(row.size(), 3U);
      for (float& value : row) {
        ASSERT_EQ(value, 0.0F);
        value = next++;
      }
      expected.emplace_back(row.begin(), row.end());
    } else {
      const auto taken = queue.take(static_cast<std::int64_t>(random() % 4));
      ASSERT_EQ(taken.size() % kRowDim, 0U);
      for (std::size_t i = 0; i < taken.size(); i += kRowDim) {
        ASSERT_EQ(std::vector<float>(taken.begin() + static_cast<std::ptrdiff_t>(i),
                                     taken.begin() + static_cast<std::ptrdiff_t>(i + kRowDim)),
                  expected.front());
        expected.pop_front();
        ++removed;
      }
    }
    ASSERT_EQ(queue.size(), static_cast<std::int64_t>(expected.size()));
    ASSERT_EQ(queue.removed_count(), removed);
    if (!expected.empty()) {
      const std::size_t index = random() % expected.size();
      const auto row = queue.row(static_cast<std::int64_t>(index));
      ASSERT_EQ(std::vector<float>(row.begin(), row.end()), expected[index]);
    }
  }
}

TEST(RowQueue, RefusesNegativeCounts) {
  RowQueue queue(2);
  EXPECT_THROW(queue.take(-1), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
