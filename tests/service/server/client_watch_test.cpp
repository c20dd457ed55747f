#include "service/server/client_watch.hpp"

#include <gtest/gtest.h>

namespace harpy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using WatchTime = ClientWatch::Time;

constexpr WatchTime kWatchStart{std::chrono::hours(1)};

WatchTime at(int s) { return kWatchStart + seconds(s); }

/// Idle after 30 s, at least 1,000 bytes a second, 300 s without audio, an hour in all.
const ServerLimits kWatchLimits{.session_timeout = std::chrono::hours(1)};

TEST(ClientWatch, ASilentClientIsIdle) {
  const ClientWatch watch(kWatchLimits, kWatchStart);
  const ClientWatch::Deadline end = watch.end(false, at(1));
  EXPECT_EQ(end.time, at(30));
  EXPECT_EQ(end.ending, Ending::kIdle);
  EXPECT_EQ(watch.next_ping(), at(10));
}

TEST(ClientWatch, EveryReadAndItsPingsPutTheEndOff) {
  ClientWatch watch(kWatchLimits, kWatchStart);
  watch.reading(at(1));
  watch.received(100, true, at(5));
  EXPECT_EQ(watch.end(false, at(5)).time, at(35));
  EXPECT_TRUE(watch.received_control(true, at(10)));
  EXPECT_EQ(watch.end(false, at(10)).time, at(40));
  EXPECT_TRUE(watch.received_control(false, at(20)));  // an answer to a ping is none
  EXPECT_EQ(watch.end(false, at(20)).time, at(40));
}

TEST(ClientWatch, WhileAReplyIsOwedAnswersToPingsAreEnough) {
  ClientWatch watch(kWatchLimits, kWatchStart);
  watch.reading(at(1));
  EXPECT_TRUE(watch.received_control(false, at(20)));
  EXPECT_EQ(watch.end(true, at(21)).time, at(50));
  watch.received(10, true, at(22));  // and while nothing is read, nothing is expected
  EXPECT_EQ(watch.end(true, at(500)).time, at(530));
}

TEST(ClientWatch, AMessageOfAMegabyteMayComeAtTwentyKilobytesASecond) {
  ClientWatch watch(kWatchLimits, kWatchStart);
  WatchTime now = kWatchStart;
  for (int bytes = 0; bytes < 1 << 20; bytes += 2000) {
    watch.reading(now);
    now += milliseconds(100);
    watch.took_audio(kWatchStart);
    ASSERT_GT(watch.end(false, now).time, now) << bytes;
    watch.received(2000, false, now);
  }
}

TEST(ClientWatch, AMessageThatComesByteByByteIsTooSlow) {
  ClientWatch watch(kWatchLimits, kWatchStart);
  watch.reading(kWatchStart);
  for (int s = 1; s <= 30; ++s) {
    watch.received(1, false, at(s));
    watch.reading(at(s));
  }
  const ClientWatch::Deadline end = watch.end(false, at(30));
  EXPECT_EQ(end.ending, Ending::kSlow);
  EXPECT_EQ(end.time, at(1) + seconds(30) + milliseconds(30));  // since the first byte
}

TEST(ClientWatch, TheServersOwnPausesDoNotMakeAMessageSlow) {
  ClientWatch watch(kWatchLimits, kWatchStart);
  watch.reading(kWatchStart);
  watch.received(1000, false, at(1));
  EXPECT_EQ(watch.end(true, at(100)).ending, Ending::kIdle);
  watch.reading(at(101));
  const ClientWatch::Deadline end = watch.end(false, at(101));
  EXPECT_EQ(end.ending, Ending::kIdle);
  watch.received(1, false, at(103));
  watch.reading(at(103));
  EXPECT_EQ(watch.end(false, at(103)).time, at(101) + seconds(30) + milliseconds(1001));
}

TEST(ClientWatch, PingsAloneKeepNoSessionForEver) {
  ClientWatch watch(kWatchLimits, kWatchStart);
  for (int s = 10; s <= 290; s += 10) EXPECT_TRUE(watch.received_control(true, at(s)));
  const ClientWatch::Deadline end = watch.end(false, at(290));
  EXPECT_EQ(end.ending, Ending::kNoAudio);
  EXPECT_EQ(end.time, at(300));
  watch.took_audio(at(291));
  EXPECT_EQ(watch.end(false, at(291)).ending, Ending::kIdle);
}

TEST(ClientWatch, NoSessionLastsForEver) {
  ClientWatch watch(kWatchLimits, kWatchStart);
  watch.reading(at(3590));
  watch.received(100, true, at(3590));
  watch.took_audio(at(3590));
  for (const bool owes_reply : {false, true}) {
    EXPECT_EQ(watch.end(owes_reply, at(3590)).ending, Ending::kTooLong);
    EXPECT_EQ(watch.end(owes_reply, at(3590)).time, at(3600));
  }
}

TEST(ClientWatch, AMessageThatIsNotTakenIsNotWaitedForEither) {
  ClientWatch watch(kWatchLimits, kWatchStart);
  watch.writing(at(3));
  EXPECT_TRUE(watch.is_writing());
  EXPECT_EQ(watch.last_write_time(), at(33));
  watch.written(at(4));
  EXPECT_FALSE(watch.is_writing());
  EXPECT_EQ(watch.end(false, at(4)).time, at(34));
}

TEST(ClientWatch, CommandsAreSlowedDownByTheirBytesAndNumber) {
  ClientWatch watch({.max_text_bytes = 1024, .texts_per_s = 10.0, .text_burst = 4.0}, kWatchStart);
  for (int index = 0; index < 4; ++index) {
    EXPECT_TRUE(watch.may_command(kWatchStart));
    watch.took_command(0, kWatchStart);
  }
  EXPECT_FALSE(watch.may_command(kWatchStart));
  EXPECT_TRUE(watch.may_command(watch.next_command()));
  watch.took_command(1024 * 9, at(1));
  EXPECT_FALSE(watch.may_command(at(1)));
  EXPECT_GT(watch.next_command(), at(1) + milliseconds(500));
  EXPECT_LT(watch.next_command(), at(1) + milliseconds(700));
}

TEST(ClientWatch, TooManyPingsAreTooMany) {
  ClientWatch watch({.controls_per_s = 1.0, .control_burst = 3.0}, kWatchStart);
  for (int index = 0; index < 3; ++index) EXPECT_TRUE(watch.received_control(true, kWatchStart));
  EXPECT_FALSE(watch.received_control(true, kWatchStart));
  EXPECT_TRUE(watch.received_control(true, at(2)));
}

}  // namespace
}  // namespace harpy
