#include "acoustic/backend/cpu/thread_team.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace harpy::cpu {
namespace {

TEST(CpuThreadTeam, RunsEveryPartOnce) {
  for (const int size : {1, 2, 5}) {
    ThreadTeam team(size);
    ASSERT_EQ(team.size(), size);
    for (int round = 0; round < 200; ++round) {
      std::vector<int> calls(static_cast<std::size_t>(size), 0);
      team.run([&](int part) { ++calls[static_cast<std::size_t>(part)]; });
      EXPECT_EQ(calls, std::vector<int>(static_cast<std::size_t>(size), 1));
    }
  }
}

TEST(CpuThreadTeam, CutsRangesWithoutGapOrOverlap) {
  ThreadTeam team(3);
  for (const std::int64_t count : {0, 1, 2, 3, 7, 1000}) {
    std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
    team.for_ranges(count, 1 << 20, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) ++calls[static_cast<std::size_t>(i)];
    });
    for (const auto& call : calls) EXPECT_EQ(call, 1);
  }
}

TEST(CpuThreadTeam, ThrowsWhatAPartThrewAndWorksOn) {
  ThreadTeam team(3);
  EXPECT_THROW(team.run([](int part) {
    if (part > 0) throw std::runtime_error("part failed");
  }),
               std::runtime_error);
  std::atomic<int> calls = 0;
  team.run([&](int) { ++calls; });
  EXPECT_EQ(calls, 3);
}

TEST(CpuThreadTeam, WakesFromSleep) {
  ThreadTeam team(2);
  for (int round = 0; round < 3; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::atomic<int> calls = 0;
    team.run([&](int) { ++calls; });
    EXPECT_EQ(calls, 2);
  }
}

}  // namespace
}  // namespace harpy::cpu
