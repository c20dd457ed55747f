#include "service/recognizer/session_schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

namespace harpy {
namespace {

using std::chrono::milliseconds;

constexpr SessionPace::Time kScheduleStart{std::chrono::hours(1)};

/// Something to stand in a schedule, which never looks inside a session.
std::shared_ptr<SessionJob> scheduled_session(std::uintptr_t address) {
  return {std::shared_ptr<void>(), reinterpret_cast<SessionJob*>(address)};
}

Urgency live_since(int ms) {
  return {.waiting_since = kScheduleStart + milliseconds(ms), .is_bulk = false};
}
Urgency bulk_since(int ms) {
  return {.waiting_since = kScheduleStart + milliseconds(ms), .is_bulk = true};
}

TEST(SessionSchedule, GivesNothingWhereNothingIs) {
  SessionSchedule schedule;
  EXPECT_TRUE(schedule.empty());
  EXPECT_EQ(schedule.take().job, nullptr);
}

TEST(SessionSchedule, LiveSessionsComeByTheArrivalOfTheirOldestSample) {
  SessionSchedule schedule;
  schedule.put(scheduled_session(8), live_since(30));
  schedule.put(scheduled_session(16), live_since(10));
  schedule.put(scheduled_session(24), live_since(20));
  schedule.put(scheduled_session(32), live_since(10));  // as old: in the order of coming
  for (const std::uintptr_t expected : {16, 32, 24, 8}) {
    EXPECT_EQ(schedule.take().job, scheduled_session(expected));
  }
  EXPECT_TRUE(schedule.empty());
}

TEST(SessionSchedule, BulkSessionsComeAfterLiveOnesInTheSameOrder) {
  SessionSchedule schedule;
  schedule.put(scheduled_session(8), bulk_since(2));
  schedule.put(scheduled_session(16), bulk_since(1));
  schedule.put(scheduled_session(24), live_since(50));
  EXPECT_EQ(schedule.take().job, scheduled_session(24));
  const ScheduledSession first = schedule.take();
  EXPECT_EQ(first.job, scheduled_session(16));
  EXPECT_TRUE(first.is_bulk);
  EXPECT_FALSE(first.is_before_live);
  EXPECT_EQ(schedule.take().job, scheduled_session(8));
}

/// The time that a worker spends on bulk, in parts of all, where both kinds always wait.
double bulk_share(milliseconds live_turn, milliseconds bulk_turn) {
  SessionSchedule schedule;
  schedule.put(scheduled_session(8), live_since(0));
  schedule.put(scheduled_session(16), live_since(1));
  schedule.put(scheduled_session(24), bulk_since(0));
  schedule.put(scheduled_session(32), bulk_since(0));
  milliseconds of_bulk{0}, all{0};
  for (int turn = 0; turn < 10'000; ++turn) {
    const ScheduledSession taken = schedule.take();
    const milliseconds time = taken.is_bulk ? bulk_turn : live_turn;
    if (taken.is_bulk) of_bulk += time;
    all += time;
    schedule.put(taken.job, taken.is_bulk ? bulk_since(0) : live_since(turn));
    schedule.spent(taken, time);
  }
  return static_cast<double>(of_bulk.count()) / static_cast<double>(all.count());
}

TEST(SessionSchedule, BulkGetsATenthOfTheTimeHoweverMuchLiveSessionsNeed) {
  EXPECT_NEAR(bulk_share(milliseconds(5), milliseconds(5)), 0.1, 0.001);
  EXPECT_NEAR(bulk_share(milliseconds(2), milliseconds(25)), 0.1, 0.005);
  EXPECT_NEAR(bulk_share(milliseconds(30), milliseconds(1)), 0.1, 0.001);
}

TEST(SessionSchedule, BulkIsToldOfLiveSessionsUntilThereHaveBeenNoneForLong) {
  SessionSchedule schedule;
  const auto turn_of_bulk = [&] {
    schedule.put(scheduled_session(8), bulk_since(0));
    return schedule.take();
  };
  EXPECT_FALSE(turn_of_bulk().is_beside_live);
  schedule.put(scheduled_session(16), live_since(0));
  EXPECT_FALSE(schedule.take().is_beside_live);
  for (int turn = 1; turn < SessionSchedule::kRecentTurns; ++turn) {
    EXPECT_TRUE(turn_of_bulk().is_beside_live);
  }
  EXPECT_FALSE(turn_of_bulk().is_beside_live);
}

TEST(SessionSchedule, WhatBulkGotWhileNobodyElseWaitedIsNotHeldAgainstIt) {
  SessionSchedule schedule;
  schedule.put(scheduled_session(8), bulk_since(0));
  for (int turn = 0; turn < 100; ++turn) {
    const ScheduledSession taken = schedule.take();
    schedule.put(taken.job, bulk_since(0));
    schedule.spent(taken, milliseconds(20));
  }
  schedule.put(scheduled_session(16), live_since(0));
  for (const bool is_bulk : {false, true, false, false}) {
    const ScheduledSession taken = schedule.take();
    EXPECT_EQ(taken.is_bulk, is_bulk);
    schedule.put(taken.job, is_bulk ? bulk_since(0) : live_since(0));
    schedule.spent(taken, milliseconds(20));
  }
}

TEST(SessionSchedule, WhileNoBulkWaitsNothingIsSavedUpForIt) {
  SessionSchedule schedule;
  schedule.put(scheduled_session(8), live_since(0));
  for (int turn = 0; turn < 1000; ++turn) {
    const ScheduledSession taken = schedule.take();
    schedule.put(taken.job, live_since(0));
    schedule.spent(taken, milliseconds(20));
  }
  schedule.put(scheduled_session(16), bulk_since(0));
  EXPECT_FALSE(schedule.take().is_bulk);
}

}  // namespace
}  // namespace harpy
