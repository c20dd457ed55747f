#include "service/server/utc_time.hpp"

#include <gtest/gtest.h>

namespace harpy {
namespace {

TEST(UtcTimes, AreWrittenToTheMillisecond) {
  const std::chrono::system_clock::time_point time(std::chrono::milliseconds(1'724'970'000'007));
  EXPECT_EQ(utc_text(time), "2024-08-29T22:20:00.007Z");
}

}  // namespace
}  // namespace harpy
