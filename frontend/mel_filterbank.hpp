#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace harpy {

/// mel(f) = 1127 ln(1 + f / 700), f in Hz.
double mel_of_hz(double hz);
/// The inverse of mel_of_hz.
double hz_of_mel(double mel);

/// How many mel filters there are, between which frequencies, and over which spectrum.
struct MelOptions {
  double sample_rate_hz = 16000.0;
  int fft_size = 512;  ///< length of the transform that the spectrum comes from
  int bin_count = 80;
  double low_freq_hz = 20.0;
  double high_freq_hz = 8000.0;  ///< from 0 to half the sample rate
};

/// Triangular filters, equally wide on the mel scale and each overlapping half of its neighbours:
///   y[m] = sum over k of weight[m][k] * x[k];  weight rises linearly in mel from filter m - 1's
///   centre to 1 at its own and falls to 0 at filter m + 1's.
class MelFilterbank {
 public:
  /// Errors: std::invalid_argument for edges out of order or out of range, no filters, or filters
  /// so narrow that one holds no bin of the spectrum.
  explicit MelFilterbank(const MelOptions& options);

  int bin_count() const { return static_cast<int>(filters_.size()); }

  /// Shapes: spectrum [fft_size / 2] (the bin of half the sample rate belongs to no filter), output
  /// [bin_count].
  void apply(std::span<const float> spectrum, std::span<float> output) const;

  /// The weights as a dense matrix [bin_count, fft_size / 2].
  std::vector<float> dense_weights() const;

 private:
  struct Filter {
    std::int32_t first_bin = 0;
    std::int32_t first_weight = 0;
    std::int32_t quad_count = 0;  ///< groups of four weights
  };

  std::size_t spectrum_size_;
  std::vector<Filter> filters_;
  std::vector<float> weights_;  ///< of all filters, each padded with zeros to groups of four
};

}  // namespace harpy
