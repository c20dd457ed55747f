#include "tools/bench/stream_capacity.hpp"

#include <gtest/gtest.h>

namespace harpy::tools {
namespace {

/// How often `holds` is asked until the capacity is found, which is `answer` then.
int question_count(int capacity, int most, int& answer) {
  int count = 0;
  answer = find_stream_capacity(most, [&](int streams) {
    ++count;
    EXPECT_GE(streams, 1);
    EXPECT_LE(streams, most);
    return streams <= capacity;
  });
  return count;
}

TEST(StreamCapacity, IsFoundWithinASixteenth) {
  for (int capacity = 0; capacity <= 300; ++capacity) {
    int answer = -1;
    EXPECT_LE(question_count(capacity, 1000, answer), 14);
    EXPECT_LE(answer, capacity);
    EXPECT_GE(answer, capacity - capacity / 16);
  }
}

TEST(StreamCapacity, IsNeverMoreThanWhatMayBeTried) {
  int answer = 0;
  EXPECT_EQ(question_count(1000, 5, answer), 4);  // 1, 2, 4, 5
  EXPECT_EQ(answer, 5);
}

}  // namespace
}  // namespace harpy::tools
