#include "frontend/audio/resampler.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>
#include <utility>

#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

std::vector<float> resample(std::span<const float> input, double from_hz, double to_hz,
                            std::size_t longest_piece, unsigned seed = 0) {
  Resampler resampler(from_hz, to_hz);
  std::mt19937 random(seed);
  std::vector<float> output;
  for (std::size_t begin = 0; begin < input.size();) {
    const std::size_t count = std::min(1 + random() % longest_piece, input.size() - begin);
    resampler.process(input.subspan(begin, count), output);
    begin += count;
  }
  resampler.finish(output);
  return output;
}

std::vector<float> tone(double frequency_hz, double rate_hz, std::size_t count) {
  std::vector<float> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    samples[i] = static_cast<float>(
        0.5 * std::sin(2.0 * std::numbers::pi * frequency_hz * static_cast<double>(i) / rate_hz));
  }
  return samples;
}

TEST(Resampler, GivesTheSameBitsForAnyCutting) {
  const auto input = testing::glide(30000);
  for (const double rate :
       {4000.0, 8000.0, 11025.0, 16000.0, 22050.0, 44100.0, 48000.0, 192000.0}) {
    const auto expected = resample(input, rate, 16000.0, input.size());
    for (const std::size_t longest : {10U, 1000U, 9000U}) {
      ASSERT_EQ(resample(input, rate, 16000.0, longest, 5), expected) << rate << " Hz";
    }
  }
}

TEST(Resampler, KeepsTheDuration) {
  for (const double rate : {4000.0, 8000.0, 11025.0, 12345.6, 44100.0, 48000.0, 192000.0}) {
    for (const std::size_t count : {1U, 100U, 12345U}) {
      const auto output = resample(testing::glide(count), rate, 16000.0, 4000);
      const double expected = static_cast<double>(count) * 16000.0 / rate;
      EXPECT_NEAR(static_cast<double>(output.size()), expected, 1.0) << rate << " Hz, " << count;
    }
  }
}

TEST(Resampler, KeepsTonesInPlace) {
  for (const double rate : {8000.0, 11025.0, 44100.0, 48000.0, 96000.0}) {
    const auto count = static_cast<std::size_t>(rate / 2);
    const auto output = resample(tone(1000.0, rate, count), rate, 16000.0, 1000);
    const auto expected = tone(1000.0, 16000.0, output.size());
    ASSERT_GT(output.size(), 7000U);
    for (std::size_t i = 1000; i + 1000 < output.size(); ++i) {
      ASSERT_NEAR(output[i], expected[i], 1e-4) << rate << " Hz, sample " << i;
    }
  }
}

TEST(Resampler, RemovesWhatTheLowerRateCannotCarry) {
  const auto output = resample(tone(10000.0, 48000.0, 48000), 48000.0, 16000.0, 1000);
  for (std::size_t i = 1000; i + 1000 < output.size(); ++i) ASSERT_NEAR(output[i], 0.0, 1e-4);
}

TEST(Resampler, PassesEqualRatesThrough) {
  const auto input = testing::glide(1000);
  EXPECT_EQ(resample(input, 16000.0, 16000.0, 77), input);
}

TEST(Resampler, MovesSamplesOfEqualRatesToAnEmptyOutput) {
  Resampler resampler(16000, 16000);
  std::vector<float> input{1, 2, 3};
  const float* const data = input.data();
  std::vector<float> output;
  resampler.process(std::move(input), output);
  EXPECT_EQ(output.data(), data);
  resampler.process(std::vector<float>{4, 5}, output);
  EXPECT_EQ(output, (std::vector<float>{1, 2, 3, 4, 5}));
}

TEST(Resampler, OfNothingIsNothing) {
  EXPECT_TRUE(resample({}, 8000.0, 16000.0, 10).empty());
  EXPECT_TRUE(resample({}, 16000.0, 16000.0, 10).empty());
}

TEST(Resampler, MayBeMovedMidway) {
  const auto input = testing::glide(5000);
  Resampler first(8000.0);
  std::vector<float> output;
  first.process(std::span(input).first(1000), output);
  Resampler second = std::move(first);
  second.process(std::span(input).subspan(1000), output);
  second.finish(output);
  EXPECT_EQ(output, resample(input, 8000.0, 16000.0, input.size()));
}

TEST(Resampler, RefusesRatesOutOfRange) {
  for (const double rate : {0.0, -1.0, 3999.0, 192001.0, std::nan("")}) {
    EXPECT_THROW(Resampler{rate}, std::invalid_argument) << rate;
    EXPECT_THROW(Resampler(16000.0, rate), std::invalid_argument) << rate;
  }
}

TEST(Resampler, RefusesToGoOnAfterItsEnd) {
  for (const double rate : {8000.0, 16000.0}) {
    Resampler resampler(rate);
    std::vector<float> output;
    resampler.finish(output);
    EXPECT_THROW(resampler.process(std::vector<float>(1), output), std::logic_error);
    EXPECT_THROW(resampler.finish(output), std::logic_error);
  }
}

}  // namespace
}  // namespace harpy
