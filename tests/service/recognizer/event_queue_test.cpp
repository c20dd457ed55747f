#include "service/recognizer/event_queue.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace harpy {
namespace {

using namespace std::chrono_literals;

SessionEvent progress(std::int64_t sample_count) {
  return {.kind = EventKind::kProgress, .words = {}, .sample_count = sample_count, .error = {}};
}

TEST(EventQueue, EventsAreTakenInTheirOrder) {
  EventQueue queue;
  EXPECT_FALSE(queue.take_within(0ms).has_value());
  queue.put(progress(1));
  queue.put(progress(2));
  EXPECT_EQ(queue.take().sample_count, 1);
  EXPECT_EQ(queue.take_within(1h)->sample_count, 2);
  EXPECT_FALSE(queue.take_within(0ms).has_value());
}

TEST(EventQueue, WhoTakesWaitsForWhatComes) {
  constexpr std::int64_t kCount = 1000;
  std::atomic<std::int64_t> told = 0;
  EventQueue queue([&told] { ++told; });
  std::jthread worker([&queue] {
    for (std::int64_t i = 0; i < kCount; ++i) queue.put(progress(i));
  });
  for (std::int64_t i = 0; i < kCount; ++i) EXPECT_EQ(queue.take().sample_count, i);
  worker.join();
  EXPECT_EQ(told, kCount);
}

}  // namespace
}  // namespace harpy
