#include "frontend/fft.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

TEST(RealFft, EqualsTheDefinitionOfTheTransform) {
  for (const int size : {2, 6, 16, 250, 256, 512, 1024}) {
    const auto count = static_cast<std::size_t>(size);
    const auto samples = testing::glide(count);
    RealFft fft(size);
    ASSERT_EQ(fft.bin_count(), size / 2 + 1);
    const auto transform = fft.transform(samples);
    ASSERT_EQ(transform.size(), count / 2 + 1);
    for (std::size_t k = 0; k < transform.size(); ++k) {
      std::complex<double> expected = 0.0;
      for (std::size_t n = 0; n < count; ++n) {
        expected +=
            static_cast<double>(samples[n]) *
            std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(k * n % count) / size);
      }
      EXPECT_NEAR(transform[k].real(), expected.real(), 1e-4) << size << " bin " << k;
      EXPECT_NEAR(transform[k].imag(), expected.imag(), 1e-4) << size << " bin " << k;
    }
  }
}

TEST(RealFft, RefusesOddAndEmptySizes) {
  for (const int size : {-2, 0, 1, 7}) EXPECT_THROW(RealFft{size}, std::invalid_argument);
}

TEST(RealFft, RefusesInputOfAnotherLength) {
  RealFft fft(16);
  EXPECT_THROW(fft.transform(std::vector<float>(15)), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
