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
       {std::uint64_t{0x7F000000}, std::uint64_t{0x7FFF0000}, std::uint64_t{0x7FFFF000},
        std::uint64_t{0x7FFFFFFF}, std::uint64_t{0x80000000}, std::uint64_t{0xFFFFFFDB},
        std::uint64_t{0xFFFFFFFF}, std::uint64_t{2'000'000'000}, ~std::uint64_t{0} / 2,
        ~std::uint64_t{0}}) {
    EXPECT_EQ(decide(announced).bytes, kHeld);
    EXPECT_EQ(decide(announced).note, "");
  }
}

TEST(SampleLengths, OfNothingWithSomethingBehindAreUnknown) {
  EXPECT_EQ(decide(0, kHeld).bytes, kHeld);
  EXPECT_EQ(decide(0, 2).bytes, kHeld);
}

TEST(SampleLengths, GreaterThanTheFileAreNotTrueAndTold) {
  for (const std::uint64_t announced : {kHeld + 2, std::uint64_t{1'200'000'000}}) {
    const SampleLength length = decide(announced);
    EXPECT_EQ(length.bytes, kHeld);
    EXPECT_EQ(length.note, "is cut off, or its length was never filled in: its header announces " +
                               std::to_string(announced / 2) +
                               " samples, the 32000 that it holds are read");
  }
}

TEST(SampleLengths, OfCodingsWithoutFramesAreToldInBytes) {
  const SampleLength length = decide_sample_length(
      {.announced_bytes = 500, .held_bytes = 400, .unexplained_bytes = 0, .frame_bytes = 0});
  EXPECT_EQ(length.bytes, 400U);
  EXPECT_THAT(length.note, HasSubstr("announces 500 bytes, the 400 that it holds are read"));
}

TEST(SampleLengths, OfFilesThatHoldNoneAreAnError) {
  for (const std::uint64_t announced : {std::uint64_t{2}, std::uint64_t{0xFFFFFFFF}}) {
    EXPECT_THAT(
        [&] {
          decide_sample_length({.announced_bytes = announced,
                                .held_bytes = 0,
                                .unexplained_bytes = 0,
                                .frame_bytes = 2});
        },
        ThrowsMessage<std::runtime_error>("is truncated: it ends before its samples"));
  }
}

TEST(SampleLengths, TellOfWhatIsNotRead) {
  EXPECT_EQ(decide(20, 100).note, "");
  EXPECT_EQ(decide(20, 50'000).note,
            "its header announces 10 samples; the 50000 bytes behind them are not read");
}

}  // namespace
}  // namespace harpy
