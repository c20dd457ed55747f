#include "service/recognizer/session_inbox.hpp"

#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace harpy {
namespace {

class SessionInboxTest : public ::testing::Test {
 protected:
  SessionInbox::Intake take(std::size_t max_samples) { return inbox_.take(max_samples, samples_); }

  int ready_count_ = 0;
  SessionInbox inbox_{8000.0, 10, [this](const Urgency&) { ++ready_count_; }};
  std::vector<float> samples_;
};

TEST_F(SessionInboxTest, SamplesComeOutInOrderHoweverTheyAreCut) {
  const std::vector<float> first{1, 2, 3}, second{4, 5};
  inbox_.push(first);
  EXPECT_FALSE(take(2).is_last);
  EXPECT_EQ(samples_, (std::vector<float>{1, 2}));
  inbox_.push(second);
  take(100);
  EXPECT_EQ(samples_, (std::vector<float>{3, 4, 5}));
  take(100);
  EXPECT_TRUE(samples_.empty());
}

TEST_F(SessionInboxTest, WorkIsAnnouncedOnceUntilAWorkerHasDoneAllOfIt) {
  inbox_.push(std::vector<float>(4));
  inbox_.push(std::vector<float>(4));
  EXPECT_EQ(ready_count_, 1);
  take(6);
  EXPECT_TRUE(inbox_.end_turn().has_value());  // the worker queues the session again itself
  EXPECT_EQ(ready_count_, 1);
  take(6);
  EXPECT_FALSE(inbox_.end_turn().has_value());
  inbox_.push(std::vector<float>(1));
  EXPECT_EQ(ready_count_, 2);
}

TEST_F(SessionInboxTest, NoSamplesAreNoWork) {
  EXPECT_EQ(inbox_.push({}), PushResult::kAccepted);
  EXPECT_EQ(ready_count_, 0);
}

TEST_F(SessionInboxTest, TooMuchIsRefusedAsAWholeAndTheRoomIsToldOnce) {
  EXPECT_EQ(inbox_.push(std::vector<float>(100)), PushResult::kAccepted);  // alone, of any length
  EXPECT_EQ(inbox_.push(std::vector<float>(1)), PushResult::kFull);
  EXPECT_FALSE(take(90).has_room_again);  // more than half of what may wait is left
  EXPECT_TRUE(take(5).has_room_again);
  EXPECT_FALSE(take(1).has_room_again);
  EXPECT_EQ(inbox_.push(std::vector<float>(6)), PushResult::kAccepted);
}

TEST_F(SessionInboxTest, TheEndComesWithTheLastSamples) {
  inbox_.push(std::vector<float>(5));
  inbox_.finish();
  inbox_.push(std::vector<float>(5));  // too late
  EXPECT_FALSE(take(3).is_last);
  EXPECT_TRUE(take(3).is_last);
  EXPECT_EQ(samples_.size(), 2U);
}

TEST_F(SessionInboxTest, ItEndsOnceAndIsNotQueuedAgain) {
  inbox_.finish();
  EXPECT_TRUE(take(1).is_last);
  EXPECT_TRUE(inbox_.end());
  EXPECT_FALSE(inbox_.end());
  EXPECT_FALSE(inbox_.end_turn().has_value());
  inbox_.push(std::vector<float>(1));
  inbox_.finish();
  EXPECT_EQ(ready_count_, 1);
}

TEST_F(SessionInboxTest, ACancelledOneForgetsItsSamplesAndHasNobodyToTell) {
  inbox_.push(std::vector<float>(5));
  inbox_.cancel();
  EXPECT_TRUE(take(10).is_cancelled);
  EXPECT_TRUE(samples_.empty());
  EXPECT_FALSE(inbox_.end());
  EXPECT_FALSE(inbox_.end_turn().has_value());
}

TEST(SessionInboxThreads, NothingIsLostBetweenAUserAndAWorker) {
  constexpr int kSamples = 20000;
  std::atomic<int> ready_count{0};
  SessionInbox inbox(8000.0, 1000, [&](const Urgency&) { ++ready_count; });
  std::jthread user([&] {
    for (int sample = 0; sample < kSamples;) {
      const std::vector<float> samples{static_cast<float>(sample), static_cast<float>(sample + 1)};
      if (inbox.push(samples) == PushResult::kAccepted) sample += 2;
    }
    inbox.finish();
  });
  std::vector<float> all, samples;
  for (bool is_last = false; !is_last;) {
    while (ready_count == 0) std::this_thread::yield();
    --ready_count;
    do {
      is_last = inbox.take(300, samples).is_last;
      all.insert(all.end(), samples.begin(), samples.end());
    } while (!is_last && inbox.end_turn());
  }
  std::vector<float> expected(kSamples);
  std::iota(expected.begin(), expected.end(), 0.0F);
  EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace harpy
