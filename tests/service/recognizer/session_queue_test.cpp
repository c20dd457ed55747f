#include "service/recognizer/session_queue.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace harpy {
namespace {

/// Something to stand in a queue: the queue never looks inside a session.
std::shared_ptr<SessionJob> session_at(std::uintptr_t address) {
  return {std::shared_ptr<void>(), reinterpret_cast<SessionJob*>(address)};
}

TEST(SessionQueue, GivesTheOldestFirst) {
  SessionQueue queue;
  queue.put(session_at(8), {.waiting_since = SessionPace::Time(std::chrono::seconds(2))});
  queue.put(session_at(16), {.waiting_since = SessionPace::Time(std::chrono::seconds(1))});
  EXPECT_EQ(queue.take().job, session_at(16));
  EXPECT_EQ(queue.take().job, session_at(8));
}

TEST(SessionQueue, MayBeAskedWithoutWaiting) {
  SessionQueue queue;
  EXPECT_EQ(queue.try_take().job, nullptr);
  queue.put(session_at(8), {});
  queue.put(session_at(16), {});
  EXPECT_EQ(queue.try_take().job, session_at(8));
  EXPECT_EQ(queue.take().job, session_at(16));
  EXPECT_EQ(queue.try_take().job, nullptr);
}

TEST(SessionQueue, ClosingWakesAllWhoWait) {
  SessionQueue queue;
  std::atomic<int> ended{0};
  {
    std::vector<std::jthread> threads;
    for (int index = 0; index < 3; ++index) {
      threads.emplace_back([&] { ended += queue.take().job == nullptr; });
    }
    queue.close();
  }
  EXPECT_EQ(ended, 3);
}

TEST(SessionQueue, AClosedQueueForgetsWhatItHeld) {
  SessionQueue queue;
  queue.put(session_at(8), {});
  queue.close();
  queue.put(session_at(16), {});
  EXPECT_EQ(queue.take().job, nullptr);
}

TEST(SessionQueue, EverySessionIsTakenOnceByOneOfManyThreads) {
  constexpr int kCount = 1000;
  SessionQueue queue;
  std::atomic<std::uintptr_t> sum{0};
  std::atomic<int> taken{0};
  std::vector<std::jthread> threads;
  for (int index = 0; index < 4; ++index) {
    threads.emplace_back([&] {
      while (const auto session = queue.take().job) {
        sum += reinterpret_cast<std::uintptr_t>(session.get());
        if (++taken == kCount) queue.close();
      }
    });
  }
  for (std::uintptr_t index = 1; index <= kCount; ++index) queue.put(session_at(index), {});
  threads.clear();
  EXPECT_EQ(sum, std::uintptr_t{kCount} * (kCount + 1) / 2);
}

}  // namespace
}  // namespace harpy
