#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "frontend/fft.hpp"

namespace harpy::tools {

/// Measures one channel of a recording as it passes: levels, clipping, the band that holds sound.
class AudioLevels {
 public:
  explicit AudioLevels(int sample_rate_hz);

  /// Takes samples, full scale 1.
  void accept(std::span<const float> samples);

  std::int64_t sample_count() const { return sample_count_; }
  /// In decibels relative to full scale; absent for a channel of zeros.
  std::optional<double> peak_dbfs() const;
  /// The root of the mean square, in decibels relative to full scale, without taking the mean off:
  /// 0 for a square wave of full scale.
  std::optional<double> rms_dbfs() const;
  /// The mean, as a share of full scale.
  double dc_offset() const;

  /// Samples beyond full scale, and those in runs of equal ones within 3 % of it.
  std::int64_t clipped_sample_count() const;

  /// The frequency above which there is nothing although the sample rate leaves room: the upper
  /// edge of what a lower rate or a codec left. Absent if the band is full, or there are less than
  /// 0.1 s. Found as the place where the mean spectrum falls by at least 25 dB to a floor that
  /// reaches up to half the sample rate; what is missing of the last tenth does not count.
  std::optional<double> band_edge_hz() const;

 private:
  void measure_spectrum();

  int sample_rate_hz_;
  std::int64_t sample_count_ = 0;
  double sum_ = 0.0;
  double square_sum_ = 0.0;
  float peak_ = 0.0F;
  std::int64_t clipped_ = 0;
  float run_value_ = 0.0F;
  std::int64_t run_length_ = 0;  ///< of equal samples near full scale, up to the last sample
  RealFft fft_;
  std::vector<float> window_;
  std::vector<float> frame_;  ///< samples of the frame that is being filled
  std::vector<float> windowed_;
  std::vector<float> power_;
  std::vector<double> power_sum_;
  std::int64_t frame_count_ = 0;
};

/// The least usual sample rate whose band reaches `edge_hz`.
int usual_sample_rate_hz(double edge_hz);

}  // namespace harpy::tools
