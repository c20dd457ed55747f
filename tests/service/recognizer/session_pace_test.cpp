#include "service/recognizer/session_pace.hpp"

#include <gtest/gtest.h>

namespace harpy {
namespace {

using std::chrono::milliseconds;

constexpr SessionPace::Time kPaceStart{std::chrono::hours(1)};

TEST(SessionPace, WorkIsAsOldAsItsOldestSample) {
  SessionPace pace(8000.0);
  pace.arrived(800, kPaceStart);
  pace.arrived(800, kPaceStart + milliseconds(100));
  EXPECT_EQ(pace.urgency(kPaceStart + milliseconds(150)).waiting_since, kPaceStart);
  pace.taken(799);
  EXPECT_EQ(pace.urgency(kPaceStart + milliseconds(150)).waiting_since, kPaceStart);
  pace.taken(1);
  EXPECT_EQ(pace.urgency(kPaceStart + milliseconds(150)).waiting_since,
            kPaceStart + milliseconds(100));
  pace.taken(800);
  EXPECT_EQ(pace.urgency(kPaceStart + milliseconds(150)).waiting_since,
            kPaceStart + milliseconds(150));
}

TEST(SessionPace, ASpeakerIsNeverBulkHoweverUnevenlyTheNetworkDelivers) {
  SessionPace late(16000.0);
  late.arrived(1600, kPaceStart);
  late.arrived(10 * 16000, kPaceStart + std::chrono::seconds(10));
  EXPECT_FALSE(late.urgency(kPaceStart + std::chrono::seconds(10)).is_bulk);
}

TEST(SessionPace, WhatWasKeptWhileTheConnectionWasMadeIsNoRecording) {
  SessionPace pace(16000.0);
  pace.arrived(14400, kPaceStart);  // nine tenths of a second
  for (int tenth = 1; tenth <= 600; ++tenth) {
    pace.arrived(1600, kPaceStart + milliseconds(100 * tenth));
    ASSERT_FALSE(pace.urgency(kPaceStart).is_bulk) << tenth;
  }
}

TEST(SessionPace, ARecordingIsBulkOnceItIsAheadAndStaysSo) {
  SessionPace pace(16000.0);
  pace.arrived(16000, kPaceStart);
  EXPECT_FALSE(pace.urgency(kPaceStart).is_bulk);
  pace.arrived(1600, kPaceStart);
  EXPECT_TRUE(pace.urgency(kPaceStart).is_bulk);
  pace.taken(17600);
  pace.arrived(1600, kPaceStart + std::chrono::minutes(5));  // its turn came late
  EXPECT_TRUE(pace.urgency(kPaceStart + std::chrono::minutes(5)).is_bulk);
}

TEST(SessionPace, ManySmallArrivalsAreCountedExactly) {
  SessionPace pace(8000.0);
  for (int index = 0; index < 1000; ++index) pace.arrived(8, kPaceStart + milliseconds(index));
  pace.taken(8 * 500);
  const auto waiting_since = pace.urgency(kPaceStart).waiting_since;
  EXPECT_GE(waiting_since, kPaceStart + milliseconds(490));
  EXPECT_LE(waiting_since, kPaceStart + milliseconds(500));
  pace.taken(8 * 500);
  EXPECT_EQ(pace.urgency(kPaceStart + milliseconds(7)).waiting_since, kPaceStart + milliseconds(7));
}

}  // namespace
}  // namespace harpy
