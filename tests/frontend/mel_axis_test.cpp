#include "frontend/mel_axis.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace harpy {
namespace {

TEST(MelAxis, BinsLieEvenlyInMelBetweenTheEnds) {
  const MelAxis axis{20.0, 8000.0, 16};
  const auto mel = [](double hz) { return 1127.0 * std::log(1.0 + hz / 700.0); };
  const double spacing = (mel(8000.0) - mel(20.0)) / 17.0;
  for (int bin = 0; bin < 16; ++bin) {
    EXPECT_NEAR(mel(axis.hz_of_bin(bin)), mel(20.0) + spacing * (bin + 1), 1e-6) << bin;
  }
}

TEST(MelAxis, FindsTheBinOfAFrequency) {
  const MelAxis axis;
  for (const double bin : {-1.0, 0.0, 17.25, 79.0, 80.0}) {
    EXPECT_NEAR(axis.bin_of_hz(axis.hz_of_bin(bin)), bin, 1e-9);
  }
  EXPECT_NEAR(axis.hz_of_bin(80.0), 8000.0, 1e-6);
}

}  // namespace
}  // namespace harpy
