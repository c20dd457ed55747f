#include "service/recognizer/load_meter.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace harpy {
namespace {

TEST(LoadMeter, SaysNothingBeforeEnoughWasRecognised) {
  LoadMeter meter(2, true);
  meter.add(19.0, 1.0);
  EXPECT_FALSE(meter.load().cpu_s_per_audio_s);
  EXPECT_FALSE(meter.load().real_time_streams);
  EXPECT_EQ(meter.load().audio_s, 19.0);
  EXPECT_EQ(meter.load().cpu_s, 1.0);
}

TEST(LoadMeter, TellsHowManyStreamsKeepTheWorkersBusy) {
  LoadMeter meter(2, true);
  meter.add(40.0, 2.0);
  EXPECT_DOUBLE_EQ(*meter.load().cpu_s_per_audio_s, 0.05);
  EXPECT_DOUBLE_EQ(*meter.load().real_time_streams, 40.0);
}

TEST(LoadMeter, FollowsWhatRecognitionCostsNow) {
  LoadMeter meter(1, true);
  for (int minute = 0; minute < 60; ++minute) meter.add(60.0, 0.6);
  EXPECT_NEAR(*meter.load().cpu_s_per_audio_s, 0.01, 1e-9);
  for (int minute = 0; minute < 60; ++minute) meter.add(60.0, 3.0);
  EXPECT_NEAR(*meter.load().cpu_s_per_audio_s, 0.05, 0.001);
}

TEST(LoadMeter, DoesNotGuessWhereTheCostFallsWithTheNumberOfSessions) {
  LoadMeter meter(1, false);
  meter.add(100.0, 2.0);
  EXPECT_DOUBLE_EQ(*meter.load().cpu_s_per_audio_s, 0.02);
  EXPECT_FALSE(meter.load().real_time_streams);
}

TEST(LoadMeter, AThreadsTimeGrowsWithItsWork) {
  const double before_s = thread_cpu_s();
  volatile double sum = 0.0;
  while (thread_cpu_s() - before_s < 0.001) sum = sum + std::sqrt(2.0);
  EXPECT_GT(thread_cpu_s(), before_s);
}

}  // namespace
}  // namespace harpy
