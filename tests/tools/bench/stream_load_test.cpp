#include "tools/bench/stream_load.hpp"

#include <gtest/gtest.h>

namespace harpy::tools {
namespace {

TEST(StreamLoads, PercentilesAreValuesThatWereThere) {
  std::vector<float> values{5.0F, 1.0F, 3.0F};
  EXPECT_EQ(percentile_of(values, 0.0), 1.0);
  EXPECT_EQ(percentile_of(values, 50.0), 3.0);
  EXPECT_EQ(percentile_of(values, 99.0), 3.0);
  EXPECT_EQ(percentile_of(values, 100.0), 5.0);
  std::vector<float> none;
  EXPECT_EQ(percentile_of(none, 99.0), 0.0);
}

TEST(StreamLoads, ClientsThatGetNoServerSaySo) {
  const LoadRecording recording{.sample_rate_hz = 8000, .samples = std::vector<std::int16_t>(80)};
  const StreamLatencies latencies =
      run_stream_load({.server = {.address = "127.0.0.1", .port = 1}, .client_count = 2},
                      std::vector<LoadRecording>{recording});
  ASSERT_EQ(latencies.failures.size(), 2U);
  EXPECT_EQ(latencies.failures[0].rfind("cannot connect: ", 0), 0U) << latencies.failures[0];
  EXPECT_TRUE(latencies.finals_ms.empty());
}

}  // namespace
}  // namespace harpy::tools
