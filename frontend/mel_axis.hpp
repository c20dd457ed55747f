#pragma once

#include <cstdint>

namespace harpy {

/// The frequencies of log-mel features: bin centres lie evenly in mel between the ends.
struct MelAxis {
  double low_hz = 20.0;
  double high_hz = 8000.0;
  std::int64_t bins = 80;

  /// The centre of a bin.
  double hz_of_bin(double bin) const;
  /// The inverse: where a frequency lies between the centres; below 0 or beyond bins - 1 outside.
  double bin_of_hz(double hz) const;
};

}  // namespace harpy
