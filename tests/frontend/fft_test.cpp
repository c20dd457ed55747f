#include "frontend/fft.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <stdexcept>

#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

TEST(RealFft, EqualsTheDefinitionOfThePowerSpectrum) {
  for (int size = 8; size <= 4096; size *= 2) {
    const auto count = static_cast<std::size_t>(size);
    const auto samples = testing::glide(count);
    RealFft fft(size);
    EXPECT_EQ(fft.size(), size);
    ASSERT_EQ(fft.bin_count(), size / 2 + 1);
    std::vector<float> power(count / 2 + 1);
    fft.power_spectrum(samples, power);
    std::vector<std::complex<double>> roots;
    for (std::size_t n = 0; n < count; ++n) {
      roots.push_back(std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(n) / size));
    }
    for (std::size_t k = 0; k < power.size(); k += 1 + k / 100) {
      std::complex<double> expected = 0.0;
      for (std::size_t n = 0; n < count; ++n) {
        expected += static_cast<double>(samples[n]) * roots[k * n % count];
      }
      // The amplitude is exact relative to that of the whole signal.
      EXPECT_NEAR(std::sqrt(power[k]), std::abs(expected), 3e-7 * std::sqrt(count) * 2.0)
          << size << ", bin " << k;
    }
  }
}

TEST(RealFft, SeesAToneInItsBinAlone) {
  constexpr std::size_t kSize = 512;
  for (const std::size_t bin : {0U, 1U, 7U, 128U, 255U, 256U}) {
    std::vector<float> samples(kSize);
    for (std::size_t n = 0; n < kSize; ++n) {
      samples[n] = static_cast<float>(
          std::cos(2.0 * std::numbers::pi * static_cast<double>(bin * n % kSize) / kSize));
    }
    RealFft fft(kSize);
    std::vector<float> power(kSize / 2 + 1);
    fft.power_spectrum(samples, power);
    const double amplitude = bin == 0 || bin == 256 ? 512.0 : 256.0;
    for (std::size_t k = 0; k < power.size(); ++k) {
      EXPECT_NEAR(std::sqrt(power[k]), k == bin ? amplitude : 0.0, 1e-4) << bin << " " << k;
    }
  }
}

TEST(RealFft, RefusesSizesThatAreNoPowersOfTwo) {
  for (const int size : {-8, 0, 1, 4, 7, 250, 513}) {
    EXPECT_THROW(RealFft{size}, std::invalid_argument) << size;
  }
}

TEST(RealFft, RefusesSpansOfTheWrongSize) {
  RealFft fft(16);
  std::vector<float> power(9);
  EXPECT_THROW(fft.power_spectrum(std::vector<float>(15), power), std::invalid_argument);
  power.resize(8);
  EXPECT_THROW(fft.power_spectrum(std::vector<float>(16), power), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
