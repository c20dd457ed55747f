#include "service/server/token_bucket.hpp"

#include <gtest/gtest.h>

namespace harpy {
namespace {

using std::chrono::milliseconds;

constexpr TokenBucket::Clock::time_point kBucketStart{std::chrono::hours(1)};

TEST(TokenBucket, GivesItsBurstAndThenItsRate) {
  TokenBucket bucket(10.0, 3.0);
  for (int index = 0; index < 3; ++index) EXPECT_TRUE(bucket.try_take(kBucketStart));
  EXPECT_FALSE(bucket.try_take(kBucketStart));
  EXPECT_FALSE(bucket.try_take(kBucketStart + milliseconds(90)));
  EXPECT_TRUE(bucket.try_take(kBucketStart + milliseconds(110)));
  EXPECT_FALSE(bucket.try_take(kBucketStart + milliseconds(120)));
}

TEST(TokenBucket, HoldsNoMoreThanItsBurst) {
  TokenBucket bucket(10.0, 3.0);
  EXPECT_TRUE(bucket.try_take(kBucketStart));
  EXPECT_FALSE(bucket.is_full(kBucketStart + milliseconds(50)));
  EXPECT_TRUE(bucket.is_full(kBucketStart + milliseconds(101)));
  const auto later = kBucketStart + std::chrono::hours(100);
  for (int index = 0; index < 3; ++index) EXPECT_TRUE(bucket.try_take(later));
  EXPECT_FALSE(bucket.try_take(later));
}

TEST(TokenBucket, TellsWhenWhatWasOverdrawnIsThereAgain) {
  TokenBucket bucket(100.0, 50.0);
  bucket.take(100.0, kBucketStart);
  EXPECT_FALSE(bucket.has_tokens(kBucketStart));
  const auto next = bucket.next_tokens();
  EXPECT_GE(next, kBucketStart + milliseconds(500));
  EXPECT_LE(next, kBucketStart + milliseconds(502));
  EXPECT_FALSE(bucket.has_tokens(kBucketStart + milliseconds(499)));
  EXPECT_TRUE(bucket.has_tokens(next));
}

}  // namespace
}  // namespace harpy
