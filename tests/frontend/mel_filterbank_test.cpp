#include "frontend/mel_filterbank.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

TEST(MelFilterbank, HasTrianglesOnTheMelScale) {
  for (const MelOptions& options :
       {MelOptions{},
        MelOptions{
            .sample_rate_hz = 8000.0, .fft_size = 256, .bin_count = 23, .high_freq_hz = 3700.0},
        MelOptions{.fft_size = 2048, .bin_count = 128, .low_freq_hz = 0.0},
        MelOptions{.bin_count = 1, .low_freq_hz = 7900.0}}) {
    const MelFilterbank filterbank(options);
    const auto weights = filterbank.dense_weights();
    const int bins = options.fft_size / 2;
    const double low = mel_of_hz(options.low_freq_hz);
    const double step = (mel_of_hz(options.high_freq_hz) - low) / (options.bin_count + 1);
    for (int m = 0; m < options.bin_count; ++m) {
      for (int k = 0; k < bins; ++k) {
        const double mel = mel_of_hz(k * options.sample_rate_hz / options.fft_size);
        const double distance = std::abs((mel - low) / step - (m + 1));
        EXPECT_NEAR(weights[static_cast<std::size_t>(m * bins + k)], std::max(0.0, 1.0 - distance),
                    1e-6)
            << "filter " << m << ", bin " << k;
      }
    }
  }
}

TEST(MelFilterbank, AppliesItsDenseMatrix) {
  const MelFilterbank filterbank(MelOptions{});
  auto spectrum = testing::glide(256);
  for (float& x : spectrum) x = x * x;
  std::vector<float> energies(80);
  filterbank.apply(spectrum, energies);
  const auto weights = filterbank.dense_weights();
  for (std::size_t m = 0; m < 80; ++m) {
    double expected = 0.0;
    for (std::size_t k = 0; k < 256; ++k) expected += double{weights[m * 256 + k]} * spectrum[k];
    EXPECT_NEAR(energies[m], expected, 1e-6);
  }
}

TEST(MelFilterbank, RefusesEdgesOutOfOrder) {
  EXPECT_THROW(MelFilterbank({.low_freq_hz = -1.0}), std::invalid_argument);
  EXPECT_THROW(MelFilterbank({.low_freq_hz = 500.0, .high_freq_hz = 400.0}), std::invalid_argument);
  EXPECT_THROW(MelFilterbank({.high_freq_hz = 8001.0}), std::invalid_argument);
}

TEST(MelFilterbank, RefusesCountsThatCannotBe) {
  EXPECT_THROW(MelFilterbank({.bin_count = 0}), std::invalid_argument);
  EXPECT_THROW(MelFilterbank({.fft_size = 4}), std::invalid_argument);
  EXPECT_THROW(MelFilterbank({.fft_size = 511}), std::invalid_argument);
}

TEST(MelFilterbank, RefusesFiltersThatHoldNoBin) {
  EXPECT_THROW(MelFilterbank({.bin_count = 200}), std::invalid_argument);
}

TEST(MelFilterbank, RefusesSpansOfTheWrongSize) {
  const MelFilterbank filterbank(MelOptions{});
  std::vector<float> output(80);
  EXPECT_THROW(filterbank.apply(std::vector<float>(257), output), std::invalid_argument);
  output.resize(81);
  EXPECT_THROW(filterbank.apply(std::vector<float>(256), output), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
