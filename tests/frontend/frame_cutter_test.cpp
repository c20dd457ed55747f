#include "frontend/frame_cutter.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace harpy {
namespace {

/// Frames of 16 samples every 10, of samples 0, 1, 2, … (scaled as the cutter does).
std::vector<std::vector<float>> cut(bool snip_edges, int count, std::size_t piece) {
  const FeatureExtractor extractor(
      {.frame_length_ms = 1.0, .frame_shift_ms = 0.625, .snip_edges = snip_edges, .bin_count = 2});
  FrameCutter cutter(extractor);
  std::vector<float> samples;
  for (int i = 0; i < count; ++i) samples.push_back(static_cast<float>(i) / 32768.0F);
  std::vector<std::vector<float>> frames;
  const auto collect = [&] {
    for (auto frame = cutter.next_frame(); !frame.empty(); frame = cutter.next_frame()) {
      frames.emplace_back(frame.begin(), frame.end());
    }
  };
  for (std::size_t begin = 0; begin < samples.size(); begin += piece) {
    cutter.accept(std::span(samples).subspan(begin, std::min(piece, samples.size() - begin)));
    collect();
  }
  cutter.finish();
  collect();
  return frames;
}

TEST(FrameCutter, StepsThroughTheSamples) {
  for (const std::size_t piece : {1U, 7U, 100U}) {
    const auto frames = cut(true, 47, piece);
    ASSERT_EQ(frames.size(), 4U);
    for (std::size_t t = 0; t < frames.size(); ++t) {
      ASSERT_EQ(frames[t].size(), 16U);
      for (std::size_t i = 0; i < 16; ++i) {
        EXPECT_FLOAT_EQ(frames[t][i], static_cast<float>(10 * t + i));
      }
    }
  }
}

TEST(FrameCutter, MirrorsBothEnds) {
  for (const std::size_t piece : {1U, 7U, 100U}) {
    const auto frames = cut(false, 30, piece);
    ASSERT_EQ(frames.size(), 3U);
    const std::vector<float> first{2, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const std::vector<float> last{17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 29, 28, 27};
    EXPECT_EQ(frames.front(), first);
    EXPECT_EQ(frames.back(), last);
  }
}

TEST(FrameCutter, MirrorsSeveralTimesWhenThereIsLittle) {
  const auto frames = cut(false, 5, 5);
  ASSERT_EQ(frames.size(), 1U);
  const std::vector<float> expected{2, 1, 0, 0, 1, 2, 3, 4, 4, 3, 2, 1, 0, 0, 1, 2};
  EXPECT_EQ(frames[0], expected);
  EXPECT_TRUE(cut(false, 4, 4).empty());
}

}  // namespace
}  // namespace harpy
