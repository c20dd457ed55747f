#pragma once

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

#include "frontend/feature_options.hpp"

namespace harpy::testing {

/// Features by their textbook formulas in double precision, with a discrete Fourier transform by
/// its definition: slow, and independent of everything in frontend/ but the options. Frames are
/// numbered and mirrored sample by sample.
class FeatureReference {
 public:
  explicit FeatureReference(const FeatureOptions& options)
      : options_(options),
        length_(static_cast<long>(options.sample_rate_hz / 1000.0 * options.frame_length_ms)),
        shift_(static_cast<long>(options.sample_rate_hz / 1000.0 * options.frame_shift_ms)) {
    fft_size_ = 1;
    while (fft_size_ < length_) fft_size_ *= 2;
  }

  /// Rows of features of samples in [-1, 1], without normalisation and deltas.
  std::vector<std::vector<double>> frames(std::span<const float> samples) const {
    std::vector<std::vector<double>> rows;
    const auto count = static_cast<long>(samples.size());
    for (long t = 0;; ++t) {
      const long begin = options_.snip_edges ? t * shift_ : t * shift_ + shift_ / 2 - length_ / 2;
      const bool exists =
          options_.snip_edges ? begin + length_ <= count : t < (count + shift_ / 2) / shift_;
      if (!exists) return rows;
      std::vector<double> frame;
      for (long i = begin; i < begin + length_; ++i) {
        frame.push_back(32768.0 * samples[static_cast<std::size_t>(mirrored(i, count))]);
      }
      rows.push_back(features(frame));
    }
  }

 private:
  static long mirrored(long i, long count) {
    while (i < 0 || i >= count) i = i < 0 ? -1 - i : 2 * count - 1 - i;
    return i;
  }

  double window(long i) const {
    const double c = std::cos(2.0 * std::numbers::pi * static_cast<double>(i) /
                              static_cast<double>(length_ - 1));
    switch (options_.window) {
      case WindowKind::kPovey:
        return std::pow(0.5 - 0.5 * c, 0.85);
      case WindowKind::kHamming:
        return 0.54 - 0.46 * c;
      case WindowKind::kHann:
        return 0.5 - 0.5 * c;
      case WindowKind::kRectangular:
        break;
    }
    return 1.0;
  }

  std::vector<double> power_spectrum(const std::vector<double>& frame) const {
    std::vector<double> power;
    for (long k = 0; k <= fft_size_ / 2; ++k) {
      std::complex<double> sum = 0.0;
      for (long n = 0; n < length_; ++n) {
        const long turn = k * n % fft_size_;
        sum += frame[static_cast<std::size_t>(n)] *
               std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(turn) /
                                   static_cast<double>(fft_size_));
      }
      power.push_back(std::norm(sum));
    }
    return power;
  }

  /// What samples of noise add to the spectrum: each goes the way of the frame's by itself, and
  /// the powers of all add up, since none knows of the others.
  std::vector<double> noise_power() const {
    std::vector<double> power(static_cast<std::size_t>(fft_size_ / 2 + 1));
    if (options_.noise_floor == 0.0) return power;
    for (long i = 0; i < length_; ++i) {
      const double own = (i == 0 ? 1.0 - options_.preemphasis : 1.0) * window(i);
      const double late = i + 1 < length_ ? -options_.preemphasis * window(i + 1) : 0.0;
      for (std::size_t k = 0; k < power.size(); ++k) {
        const double angle =
            -2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(fft_size_);
        power[k] += options_.noise_floor * std::norm(own + late * std::polar(1.0, angle));
      }
    }
    return power;
  }

  std::vector<double> mel_energies(const std::vector<double>& power) const {
    const auto mel = [](double hz) { return 1127.0 * std::log(1.0 + hz / 700.0); };
    const double top = options_.high_freq_hz > 0.0
                           ? options_.high_freq_hz
                           : options_.sample_rate_hz / 2.0 + options_.high_freq_hz;
    const double low = mel(options_.low_freq_hz);
    const double step = (mel(top) - low) / (options_.bin_count + 1);
    std::vector<double> energies;
    for (int m = 0; m < options_.bin_count; ++m) {
      double energy = 0.0;
      for (long k = 0; k < fft_size_ / 2; ++k) {
        const double place =
            mel(static_cast<double>(k) * options_.sample_rate_hz / static_cast<double>(fft_size_));
        const double rise = (place - low) / step - m;
        const double weight = std::max(0.0, std::min(rise, 2.0 - rise));
        const double x = power[static_cast<std::size_t>(k)];
        energy += weight * (options_.use_power ? x : std::sqrt(x));
      }
      energies.push_back(energy);
    }
    return energies;
  }

  static double energy(const std::vector<double>& frame) {
    double sum = 0.0;
    for (const double x : frame) sum += x * x;
    return sum;
  }

  static void floor_and_take_logarithms(std::vector<double>& values) {
    for (double& x : values) x = std::log(std::max<double>(x, FLT_EPSILON));
  }

  std::vector<double> cepstra(const std::vector<double>& log_energies) const {
    const auto bins = static_cast<double>(log_energies.size());
    std::vector<double> result;
    for (int k = 0; k < options_.cepstrum_count; ++k) {
      double sum = 0.0;
      for (std::size_t n = 0; n < log_energies.size(); ++n) {
        sum += log_energies[n] *
               std::cos(std::numbers::pi * k * (static_cast<double>(n) + 0.5) / bins);
      }
      const double q = options_.cepstral_lifter;
      const double lift = q == 0.0 ? 1.0 : 1.0 + q / 2.0 * std::sin(std::numbers::pi * k / q);
      result.push_back(sum * lift * std::sqrt((k == 0 ? 1.0 : 2.0) / bins));
    }
    return result;
  }

  std::vector<double> features(std::vector<double> frame) const {
    if (options_.remove_dc_offset) {
      double sum = 0.0;
      for (const double x : frame) sum += x;
      for (double& x : frame) x -= sum / static_cast<double>(length_);
    }
    const double raw_energy = energy(frame);
    for (long i = length_ - 1; i >= 0; --i) {
      frame[static_cast<std::size_t>(i)] -=
          options_.preemphasis * frame[static_cast<std::size_t>(std::max(0L, i - 1))];
    }
    for (long i = 0; i < length_; ++i) frame[static_cast<std::size_t>(i)] *= window(i);
    const double measured = options_.raw_energy ? raw_energy : energy(frame);
    const double log_energy = std::max(std::log(std::max<double>(measured, FLT_EPSILON)),
                                       std::log(options_.energy_floor));

    std::vector<double> values = power_spectrum(frame);
    const std::vector<double> noise = noise_power();
    for (std::size_t k = 0; k < values.size(); ++k) values[k] += noise[k];
    switch (options_.kind) {
      case FeatureKind::kPowerSpectrogram:
        break;
      case FeatureKind::kLogSpectrogram:
        floor_and_take_logarithms(values);
        if (options_.use_energy) values[0] = log_energy;
        break;
      case FeatureKind::kMel:
      case FeatureKind::kLogMel:
        values = mel_energies(values);
        if (options_.kind == FeatureKind::kLogMel) floor_and_take_logarithms(values);
        if (options_.use_energy) values.insert(values.begin(), log_energy);
        break;
      case FeatureKind::kMfcc:
        values = mel_energies(values);
        floor_and_take_logarithms(values);
        values = cepstra(values);
        if (options_.use_energy) values[0] = log_energy;
        break;
    }
    return values;
  }

  FeatureOptions options_;
  long length_;
  long shift_;
  long fft_size_ = 1;
};

}  // namespace harpy::testing
