#include "service/recognizer/atomic_histogram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <thread>
#include <vector>

namespace harpy {
namespace {

using ::testing::ElementsAre;

constexpr std::array kBounds{1.0, 2.0};

TEST(AtomicHistogram, CountsEachValueInTheRangeUpToItsBound) {
  AtomicHistogram histogram(kBounds);
  for (const double value : {-1.0, 1.0, 1.5, 2.0, 2.5, std::numeric_limits<double>::max()}) {
    histogram.add(value);
  }
  EXPECT_THAT(histogram.snapshot().counts, ElementsAre(2, 2, 2));
}

TEST(AtomicHistogram, LosesNothingOfWhatSeveralThreadsAdd) {
  AtomicHistogram histogram(kBounds);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        for (int round = 0; round < 1000; ++round) histogram.add(0.5);
      });
    }
  }
  EXPECT_THAT(histogram.snapshot().counts, ElementsAre(4000, 0, 0));
  EXPECT_EQ(histogram.snapshot().sum, 2000.0);
}

}  // namespace
}  // namespace harpy
