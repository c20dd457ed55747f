#include "frontend/noise_spectrum.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <random>
#include <vector>

#include "frontend/window.hpp"

namespace harpy {
namespace {

/// The power spectrum of one frame of noise, by the formulas of the frame's way.
std::vector<double> power_of(const std::vector<double>& noise, double preemphasis,
                             const std::vector<float>& window, int fft_size) {
  std::vector<double> power;
  for (int k = 0; k <= fft_size / 2; ++k) {
    std::complex<double> sum = 0.0;
    for (std::size_t i = 0; i < noise.size(); ++i) {
      const double emphasized = noise[i] - preemphasis * noise[i == 0 ? 0 : i - 1];
      const double turns = static_cast<double>(k) * static_cast<double>(i) / fft_size;
      sum += emphasized * window[i] * std::polar(1.0, -2.0 * std::numbers::pi * turns);
    }
    power.push_back(std::norm(sum));
  }
  return power;
}

TEST(NoiseSpectrum, IsTheMeanOfManyFramesOfNoise) {
  constexpr int kFftSize = 32, kFrames = 4000;
  constexpr double kVariance = 0.25, kPreemphasis = 0.9;
  for (const WindowKind kind : {WindowKind::kRectangular, WindowKind::kHamming}) {
    const std::vector<float> window = make_window(kind, 20);
    std::mt19937 random(7);
    std::normal_distribution<double> normal(0.0, std::sqrt(kVariance));
    std::vector<double> mean(kFftSize / 2 + 1);
    std::vector<double> noise(window.size());
    for (int frame = 0; frame < kFrames; ++frame) {
      for (double& value : noise) value = normal(random);
      const auto power = power_of(noise, kPreemphasis, window, kFftSize);
      for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += power[k] / kFrames;
    }
    const auto expected = noise_spectrum(kVariance, kPreemphasis, window, kFftSize);
    ASSERT_EQ(expected.size(), mean.size());
    for (std::size_t k = 0; k < mean.size(); ++k) {
      EXPECT_NEAR(expected[k] / mean[k], 1.0, 0.1) << "line " << k;
    }
  }
}

TEST(NoiseSpectrum, OfNoNoiseIsZero) {
  for (const float power : noise_spectrum(0.0, 0.97, make_window(WindowKind::kPovey, 400), 512)) {
    EXPECT_EQ(power, 0.0F);
  }
}

}  // namespace
}  // namespace harpy
