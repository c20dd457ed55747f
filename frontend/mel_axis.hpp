#pragma once

#include <cstdint>

namespace harpy {

/// The frequencies that the bins of log-mel features stand for. Between the two ends the centres of
/// the bins are evenly spaced in mel.
struct MelAxis {
  double low_hz = 20.0;
  double high_hz = 8000.0;
  std::int64_t bins = 80;

  /// The frequency at the centre of a bin, in Hz.
  double hz_of_bin(double bin) const;
  /// Where a frequency lies among the centres: 2.5 is midway between those of bins 2 and 3. It is
  /// below 0 or above bins - 1 for a frequency outside of them.
  double bin_of_hz(double hz) const;
};

}  // namespace harpy
