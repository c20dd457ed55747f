#include "service/protocols/mono_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace harpy {
namespace {

TEST(MonoDecoder, TheMixDoesNotDependOnHowTheBytesAreCut) {
  constexpr int kChannels = 3;
  constexpr std::size_t kFrames = 20'000;
  std::vector<float> frames(kFrames * kChannels);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    frames[i] = std::round(8000.0F * std::sin(0.01F * static_cast<float>(i))) / 32768.0F;
  }
  const std::vector<std::byte> bytes = encode_pcm(PcmCoding::kS16, frames);
  const PcmFormat format{
      .coding = PcmCoding::kS16, .sample_rate_hz = 8000, .channel_count = kChannels};
  std::vector<float> whole;
  MonoDecoder decoder(format);
  decoder.decode(bytes, whole);
  decoder.finish(whole);
  ASSERT_EQ(whole.size(), kFrames);
  EXPECT_NEAR(whole[100], (frames[300] + frames[301] + frames[302]) / 3.0F, 1e-6F);
  std::mt19937 random(1);
  std::vector<float> cut;
  for (std::size_t begin = 0; begin < bytes.size();) {
    const std::size_t count = std::min<std::size_t>(1 + random() % 5000, bytes.size() - begin);
    decoder.decode(std::span(bytes).subspan(begin, count), cut);
    begin += count;
  }
  decoder.finish(cut);
  EXPECT_EQ(cut, whole);
}

TEST(MonoDecoder, OneChannelPassesAtOnce) {
  MonoDecoder decoder({.coding = PcmCoding::kMuLaw, .sample_rate_hz = 8000, .channel_count = 1});
  std::vector<float> samples;
  decoder.decode(std::vector<std::byte>(7), samples);
  EXPECT_EQ(samples.size(), 7U);
  decoder.finish(samples);
  EXPECT_EQ(samples.size(), 7U);
}

}  // namespace
}  // namespace harpy
