#include "frontend/audio/sample_length.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace harpy {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::uint64_t kHeld = 64'000;

SampleLength decide(std::uint64_t announced, std::uint64_t unexplained = 0) {
  return decide_sample_length({.announced_bytes = announced,
                               .held_bytes = kHeld,
                               .unexplained_bytes = unexplained,
                               .frame_bytes = 2});
}

TEST(SampleLengths, ThatFitAreTrue) {
  for (const std::uint64_t announced : {std::uint64_t{0}, std::uint64_t{2}, kHeld}) {
    EXPECT_EQ(decide(announced).bytes, announced);
    EXPECT_EQ(decide(announced).note, "");
  }
}

TEST(SampleLengths, ThatProgramsWriteForAnUnknownOneAreUnknown) {
  for (const std::uint64_t announced :
       {std::uint64_t{0x7FFF0000}, std::uint64_t{0x7FFFF000}, std::uint64_t{0x7FFFFFFF},
        std::uint64_t{0x80000000}, std::uint64_t{0xFFFFFFDB}, std::uint64_t{0xFFFFFFFF},
        std::uint64_t{2'000'000'000}, ~std::uint64_t{0} / 2, ~std::uint64_t{0}}) {
    EXPECT_EQ(decide(announced).bytes, kHeld);
    EXPECT_EQ(decide(announced).note, "");
  }
}

TEST(SampleLengths, OfNothingWithSomethingBehindAreUnknown) {
  EXPECT_EQ(decide(0, kHeld).bytes, kHeld);
  EXPECT_EQ(decide(0, 2).bytes, kHeld);
}

TEST(SampleLengths, GreaterThanAnyRecordingAreUnknownAndTold) {
  const SampleLength length = decide(1'200'000'000);
  EXPECT_EQ(length.bytes, kHeld);
  EXPECT_THAT(length.note, HasSubstr("announces 600000000 samples"));
  EXPECT_THAT(length.note, HasSubstr("read to its end, 32000 samples"));
}

TEST(SampleLengths, OfFilesCutOffAreAnError) {
  EXPECT_THAT([] { decide(kHeld + 2); },
              ThrowsMessage<std::runtime_error>(
                  "is truncated: its header announces 32001 samples, it holds 32000"));
  EXPECT_THAT(
      [] {
        decide_sample_length(
            {.announced_bytes = 500, .held_bytes = 400, .unexplained_bytes = 0, .frame_bytes = 0});
      },
      ThrowsMessage<std::runtime_error>(
          "is truncated: its header announces 500 bytes, it holds 400"));
}

TEST(SampleLengths, TellOfWhatIsNotRead) {
  EXPECT_EQ(decide(20, 100).note, "");
  EXPECT_EQ(decide(20, 50'000).note,
            "its header announces 10 samples; the 50000 bytes behind them are not read");
}

}  // namespace
}  // namespace harpy
