#include "service/recognizer/host_threads.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <thread>
#include <vector>

namespace harpy {
namespace {

TEST(HostThreads, DoEachPieceOnceForAnyNumberOfThreadsAndPieces) {
  for (const int thread_count : {1, 2, 5}) {
    HostThreads threads(thread_count);
    for (const std::size_t count : {0U, 1U, 2U, 100U}) {
      std::vector<int> done(count);
      threads.for_each(count, [&](std::size_t index) { ++done[index]; });
      EXPECT_EQ(done, std::vector<int>(count, 1)) << thread_count;
    }
  }
}

TEST(HostThreads, ServeSeveralCallersOneAfterTheOther) {
  HostThreads threads(3);
  std::vector<std::vector<int>> sums(4, std::vector<int>(50));
  {
    std::vector<std::jthread> callers;
    for (std::vector<int>& own : sums) {
      callers.emplace_back([&] {
        for (int round = 0; round < 20; ++round) {
          threads.for_each(own.size(), [&](std::size_t index) { ++own[index]; });
        }
      });
    }
  }
  EXPECT_EQ(sums, std::vector<std::vector<int>>(4, std::vector<int>(50, 20)));
}

TEST(HostThreads, ThrowWhatAPieceThrowsAndGoOnWorking) {
  for (const int thread_count : {1, 3}) {
    HostThreads threads(thread_count);
    const auto fail = [](std::size_t index) {
      if (index == 7) throw std::runtime_error("piece 7");
    };
    EXPECT_THROW(threads.for_each(20, fail), std::runtime_error);
    std::atomic<int> count = 0;
    threads.for_each(20, [&](std::size_t /*index*/) { ++count; });
    EXPECT_EQ(count, 20);
  }
}

TEST(HostThreads, CountTheTimeOfHelpersOnce) {
  HostThreads alone(1);
  const auto work = [](std::size_t /*index*/) {
    volatile double sum = 0.0;
    for (int i = 0; i < 100'000; ++i) sum = sum + std::sqrt(2.0);
  };
  alone.for_each(10, work);
  EXPECT_EQ(alone.take_helpers_cpu_s(), 0.0);  // the caller did it all
  HostThreads threads(2);
  while (threads.take_helpers_cpu_s() == 0.0) threads.for_each(10, work);
  EXPECT_EQ(threads.take_helpers_cpu_s(), 0.0);
}

}  // namespace
}  // namespace harpy
