#include "tools/terminal/duration.hpp"

#include <gtest/gtest.h>

namespace harpy::tools {
namespace {

TEST(Duration, IsShownAsClocksDo) {
  EXPECT_EQ(format_duration(0.0), "0:00");
  EXPECT_EQ(format_duration(-3.0), "0:00");
  EXPECT_EQ(format_duration(59.6), "1:00");
  EXPECT_EQ(format_duration(123.0), "2:03");
  EXPECT_EQ(format_duration(3600.0), "1:00:00");
  EXPECT_EQ(format_duration(100 * 3600.0 + 62.0), "100:01:02");
}

}  // namespace
}  // namespace harpy::tools
