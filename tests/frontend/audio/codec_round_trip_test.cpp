#include "frontend/audio/codec_round_trip.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <numbers>
#include <stdexcept>
#include <vector>

namespace harpy {
namespace {

std::vector<float> tone(double hz, int rate_hz) {
  std::vector<float> samples(static_cast<std::size_t>(rate_hz));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<float>(
        0.5 * std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate_hz));
  }
  return samples;
}

double power(const std::vector<float>& samples, std::size_t begin) {
  double sum = 0.0;
  for (std::size_t i = begin; i < samples.size(); ++i) sum += double{samples[i]} * samples[i];
  return sum / static_cast<double>(samples.size() - begin);
}

/// Power at one frequency, as a part of all.
double share_at(const std::vector<float>& samples, std::size_t begin, double hz, int rate_hz) {
  double re = 0.0, im = 0.0;
  for (std::size_t i = begin; i < samples.size(); ++i) {
    const double angle = 2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate_hz;
    re += samples[i] * std::cos(angle);
    im += samples[i] * std::sin(angle);
  }
  const auto count = static_cast<double>(samples.size() - begin);
  return 2.0 * (re * re + im * im) / (count * count) / power(samples, begin);
}

struct CodecCase {
  const char* name;
  Codec codec;
  int rate_hz;
};

void PrintTo(const CodecCase& test, std::ostream* stream) { *stream << test.name; }

class CodecRoundTrip : public ::testing::TestWithParam<CodecCase> {};

TEST_P(CodecRoundTrip, KeepsAToneAndLosesSomething) {
  const auto [name, codec, rate_hz] = GetParam();
  const std::vector<float> samples = tone(500.0, rate_hz);
  const std::vector<float> result = codec_round_trip(samples, rate_hz, codec, 0.2);
  ASSERT_EQ(result.size(), samples.size());
  EXPECT_NE(result, samples);
  const std::size_t begin = samples.size() / 4;  // behind all delays
  EXPECT_NEAR(std::sqrt(power(result, begin) / 0.125), 1.0, 0.15);
  EXPECT_GT(share_at(result, begin, 500.0, rate_hz), 0.95);
  EXPECT_EQ(codec_round_trip(samples, rate_hz, codec, 0.2), result);
}

INSTANTIATE_TEST_SUITE_P(Codecs, CodecRoundTrip,
                         ::testing::Values(CodecCase{"MuLaw", Codec::kMuLaw, 8000},
                                           CodecCase{"Gsm", Codec::kGsm, 8000},
                                           CodecCase{"Opus", Codec::kOpus, 16000},
                                           CodecCase{"Mp3", Codec::kMp3, 16000}),
                         [](const auto& test) { return test.param.name; });

TEST(CodecRoundTripErrors, ARateThatTheCodecDoesNotKnow) {
  EXPECT_THROW(codec_round_trip(tone(500.0, 11025), 11025, Codec::kOpus, 0.0), std::runtime_error);
}

}  // namespace
}  // namespace harpy
