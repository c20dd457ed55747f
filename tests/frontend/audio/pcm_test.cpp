#include "frontend/audio/pcm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <sstream>
#include <stdexcept>

#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

constexpr PcmCoding kAll[] = {PcmCoding::kS16, PcmCoding::kFloat32, PcmCoding::kMuLaw,
                              PcmCoding::kALaw};

std::vector<float> decode(PcmCoding coding, std::span<const std::byte> bytes) {
  PcmDecoder decoder(coding);
  std::vector<float> samples;
  decoder.decode(bytes, samples);
  EXPECT_EQ(decoder.pending_byte_count(), 0U);
  return samples;
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Pcm, EveryByteOfLogarithmicCodingsComesBack) {
  for (const PcmCoding coding : {PcmCoding::kMuLaw, PcmCoding::kALaw}) {
    std::vector<std::byte> bytes;
    for (int code = 0; code < 256; ++code) bytes.push_back(static_cast<std::byte>(code));
    auto encoded = encode_pcm(coding, decode(coding, bytes));
    // Mu-law has two codes of zero.
    if (coding == PcmCoding::kMuLaw) encoded[0x7F] = static_cast<std::byte>(0x7F);
    EXPECT_EQ(encoded, bytes) << to_string(coding);
  }
}

TEST(Pcm, LogarithmicCodingsHaveTheValuesOfG711) {
  const auto mu_law = [](int code) {
    return decode(PcmCoding::kMuLaw, std::vector{static_cast<std::byte>(code)})[0] * 32768.0F;
  };
  EXPECT_EQ(mu_law(0x00), -32124.0F);
  EXPECT_EQ(mu_law(0x80), 32124.0F);
  EXPECT_EQ(mu_law(0xFF), 0.0F);
  EXPECT_EQ(mu_law(0xFE), 8.0F);
  EXPECT_EQ(mu_law(0x8F), 16764.0F);
  const auto a_law = [](int code) {
    return decode(PcmCoding::kALaw, std::vector{static_cast<std::byte>(code)})[0] * 32768.0F;
  };
  EXPECT_EQ(a_law(0xD5), 8.0F);
  EXPECT_EQ(a_law(0x55), -8.0F);
  EXPECT_EQ(a_law(0xAA), 32256.0F);
  EXPECT_EQ(a_law(0x2A), -32256.0F);
  EXPECT_EQ(a_law(0x80), 5504.0F);
}

TEST(Pcm, LogarithmicCodingsAreExactToAStep) {
  for (const PcmCoding coding : {PcmCoding::kMuLaw, PcmCoding::kALaw}) {
    std::vector<float> samples;
    for (int value = -32768; value < 32768; value += 7) {
      samples.push_back(static_cast<float>(value) / 32768.0F);
    }
    const auto decoded = decode(coding, encode_pcm(coding, samples));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const float tolerance = (std::abs(samples[i]) + 256.0F / 32768.0F) / 30.0F;
      ASSERT_NEAR(decoded[i], samples[i], tolerance) << to_string(coding);
    }
  }
}

TEST(Pcm, SixteenBitIntegersComeBackExactly) {
  std::vector<float> samples;
  for (int value = -32768; value < 32768; ++value) {
    samples.push_back(static_cast<float>(value) / 32768.0F);
  }
  EXPECT_EQ(decode(PcmCoding::kS16, encode_pcm(PcmCoding::kS16, samples)), samples);
  const std::byte bytes[] = {std::byte{0x01}, std::byte{0x80}};
  EXPECT_FLOAT_EQ(decode(PcmCoding::kS16, bytes)[0], -32767.0F / 32768.0F);
}

TEST(Pcm, SamplesBeyondFullScaleAreClipped) {
  for (const PcmCoding coding : kAll) {
    const auto decoded = decode(coding, encode_pcm(coding, std::vector<float>{5.0F, -5.0F}));
    EXPECT_NEAR(decoded[0], 1.0, 0.03) << to_string(coding);
    EXPECT_NEAR(decoded[1], -1.0, 0.03) << to_string(coding);
  }
}

TEST(Pcm, BytesMayBeCutAnywhere) {
  const auto samples = testing::glide(500);
  for (const PcmCoding coding : kAll) {
    const auto bytes = encode_pcm(coding, samples);
    const auto expected = decode(coding, bytes);
    ASSERT_EQ(expected.size(), samples.size());
    for (unsigned seed = 0; seed < 5; ++seed) {
      std::mt19937 random(seed);
      PcmDecoder decoder(coding);
      std::vector<float> decoded;
      for (std::size_t begin = 0; begin < bytes.size();) {
        const std::size_t count = std::min<std::size_t>(random() % 8, bytes.size() - begin);
        decoder.decode(std::span(bytes).subspan(begin, count), decoded);
        begin += count;
      }
      ASSERT_EQ(decoded, expected) << to_string(coding);
    }
  }
}

TEST(Pcm, CountsTheBytesOfAnUnfinishedSample) {
  PcmDecoder decoder(PcmCoding::kFloat32);
  std::vector<float> samples;
  decoder.decode(std::vector<std::byte>(7), samples);
  EXPECT_EQ(samples.size(), 1U);
  EXPECT_EQ(decoder.pending_byte_count(), 3U);
}

TEST(Pcm, FloatsThatAreNoSamplesAreRefusedWithTheirPlace) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity(), -2e9F}) {
    std::vector<float> samples(20);
    samples[17] = bad;
    std::vector<std::byte> bytes(samples.size() * sizeof(float));
    std::memcpy(bytes.data(), samples.data(), bytes.size());
    PcmDecoder decoder(PcmCoding::kFloat32);
    std::vector<float> decoded;
    decoder.decode(std::span(bytes).first(40), decoded);
    try {
      decoder.decode(std::span(bytes).subspan(40), decoded);
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("sample 17"));
    }
    EXPECT_EQ(decoded.size(), 10U);
  }
}

TEST(Pcm, CodingsHaveNames) {
  for (const PcmCoding coding : kAll) EXPECT_EQ(parse_pcm_coding(to_string(coding)), coding);
  EXPECT_THROW(parse_pcm_coding("s24"), std::invalid_argument);
}

TEST(PcmStream, ReadsInterleavedChannelsToTheEnd) {
  const auto samples = testing::glide(600);
  for (const PcmCoding coding : kAll) {
    const auto bytes = encode_pcm(coding, samples);
    std::istringstream input(text_of(bytes));
    PcmStream stream(input, "standard input", {.coding = coding, .channel_count = 2});
    EXPECT_EQ(stream.channel_count(), 2);
    EXPECT_EQ(stream.sample_rate_hz(), 16000);
    std::vector<float> read;
    for (auto part = stream.read(77); !part.empty(); part = stream.read(77)) {
      EXPECT_LE(part.size(), 154U);
      read.insert(read.end(), part.begin(), part.end());
    }
    EXPECT_EQ(read, decode(coding, bytes));
    EXPECT_TRUE(stream.read(77).empty());
  }
}

TEST(PcmStream, ReadsEveryCodingAtEveryRateAndChannelCount) {
  for (const PcmCoding coding : kAll) {
    for (const int rate_hz : {4000, 8000, 44100, 192000}) {
      for (int channels = 1; channels <= 8; ++channels) {
        const auto bytes =
            encode_pcm(coding, testing::glide(static_cast<std::size_t>(channels) * 50));
        std::istringstream input(text_of(bytes));
        PcmStream stream(input, "standard input",
                         {.coding = coding, .sample_rate_hz = rate_hz, .channel_count = channels});
        EXPECT_EQ(stream.sample_rate_hz(), rate_hz);
        const auto read = stream.read(1000);
        EXPECT_EQ(std::vector<float>(read.begin(), read.end()), decode(coding, bytes));
      }
    }
  }
}

TEST(PcmStream, RefusesToEndInTheMiddleOfASample) {
  std::istringstream input("12345");
  PcmStream stream(input, "standard input", {});
  try {
    stream.read(100);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), ::testing::StartsWith("standard input: ends in the middle"));
  }
}

TEST(PcmStream, NamesItselfWhenASampleIsBad) {
  std::istringstream input(std::string("\0\0\xC0\x7F", 4));
  PcmStream stream(input, "standard input", {.coding = PcmCoding::kFloat32});
  try {
    stream.read(100);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), ::testing::StartsWith("standard input: sample 0"));
  }
}

TEST(PcmStream, RefusesFormatsOutOfRange) {
  std::istringstream input;
  EXPECT_THROW(PcmStream(input, "x", {.sample_rate_hz = 3999}), std::invalid_argument);
  EXPECT_THROW(PcmStream(input, "x", {.sample_rate_hz = 192001}), std::invalid_argument);
  EXPECT_THROW(PcmStream(input, "x", {.channel_count = 0}), std::invalid_argument);
  EXPECT_THROW(PcmStream(input, "x", {.channel_count = 9}), std::invalid_argument);
  PcmStream stream(input, "x", {});
  EXPECT_THROW(stream.read(0), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
