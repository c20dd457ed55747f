#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/shared.hpp"

namespace harpy::testing {

/// The recording that the golden features are of; its Debian package need not be installed.
inline std::filesystem::path golden_recording() {
  return "/usr/share/pocketsphinx/test/data/librivox/"
         "sense_and_sensibility_01_austen_64kb-0880.wav";
}

/// The numbers in a text file; none if there is no such file.
inline std::vector<float> read_numbers(const std::filesystem::path& path) {
  std::ifstream stream(path);
  std::vector<float> values;
  for (float value; stream >> value;) values.push_back(value);
  return values;
}

/// The rows of a golden file, all values in a row; empty if there is no such file.
inline std::vector<float> read_golden(const std::string& name) {
  return read_numbers(shared_dir() / "golden" / name);
}

/// A tone that glides upwards under noise: energy at all frequencies, the same on every machine.
inline std::vector<float> glide(std::size_t count) {
  std::mt19937 random(1);
  std::vector<float> samples(count);
  double phase = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    phase += 0.02 + 2.0 * static_cast<double>(i) / static_cast<double>(count);
    const double noise = static_cast<double>(random()) / 4294967296.0 - 0.5;
    samples[i] = static_cast<float>(0.4 * std::sin(phase) + 0.2 * noise);
  }
  return samples;
}

inline void expect_near(std::span<const float> actual, std::span<const float> expected,
                        double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  double greatest = 0.0;
  std::size_t place = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double difference = std::abs(static_cast<double>(actual[i]) - expected[i]);
    if (!(difference <= greatest)) {
      greatest = difference;
      place = i;
    }
  }
  EXPECT_LE(greatest, tolerance) << "at value " << place << ": " << actual[place] << " instead of "
                                 << expected[place];
}

}  // namespace harpy::testing
