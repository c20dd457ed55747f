#include "frontend/mel_filterbank.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>

namespace harpy {
namespace {

using Quad [[gnu::vector_size(16)]] = float;
constexpr int kQuad = 4;

Quad load(const float* values) {
  Quad quad;
  std::memcpy(&quad, values, sizeof(quad));
  return quad;
}

void check(const MelOptions& options) {
  const double nyquist = options.sample_rate_hz / 2.0;
  if (options.bin_count < 1) {
    throw std::invalid_argument("mel filters: expected at least 1, got " +
                                std::to_string(options.bin_count));
  }
  if (options.fft_size < 2 * kQuad || options.fft_size % 2 != 0) {
    throw std::invalid_argument("mel filters: expected an even transform size of at least 8, got " +
                                std::to_string(options.fft_size));
  }
  if (!(options.low_freq_hz >= 0.0 && options.low_freq_hz < options.high_freq_hz &&
        options.high_freq_hz <= nyquist)) {
    throw std::invalid_argument(
        "mel filters: expected edges 0 <= low < high <= " + std::to_string(nyquist) + " Hz, got " +
        std::to_string(options.low_freq_hz) + " and " + std::to_string(options.high_freq_hz));
  }
}

}  // namespace

double mel_of_hz(double hz) { return 1127.0 * std::log1p(hz / 700.0); }

double hz_of_mel(double mel) { return 700.0 * std::expm1(mel / 1127.0); }

MelFilterbank::MelFilterbank(const MelOptions& options) {
  check(options);
  const int spectrum_size = options.fft_size / 2;
  spectrum_size_ = static_cast<std::size_t>(spectrum_size);
  const double low = mel_of_hz(options.low_freq_hz);
  const double step = (mel_of_hz(options.high_freq_hz) - low) / (options.bin_count + 1);
  std::vector<double> mels(spectrum_size_);
  for (int k = 0; k < spectrum_size; ++k) {
    mels[static_cast<std::size_t>(k)] = mel_of_hz(k * options.sample_rate_hz / options.fft_size);
  }
  for (int m = 0; m < options.bin_count; ++m) {
    const double left = low + m * step;
    const auto begin = std::upper_bound(mels.begin(), mels.end(), left);
    const auto end = std::lower_bound(begin, mels.end(), left + 2.0 * step);
    if (begin == end) {
      throw std::invalid_argument("mel filters: " + std::to_string(options.bin_count) +
                                  " are too many: filter " + std::to_string(m) +
                                  " holds no bin of a transform of " +
                                  std::to_string(options.fft_size) + " samples");
    }
    const auto count = static_cast<int>(end - begin);
    const int padded = (count + kQuad - 1) / kQuad * kQuad;
    // Near the end of the spectrum the padding goes in front.
    const int first = std::min(static_cast<int>(begin - mels.begin()), spectrum_size - padded);
    filters_.push_back({first, static_cast<std::int32_t>(weights_.size()), padded / kQuad});
    for (int k = first; k < first + padded; ++k) {
      const double distance = std::abs(mels[static_cast<std::size_t>(k)] - (left + step)) / step;
      weights_.push_back(static_cast<float>(std::max(0.0, 1.0 - distance)));
    }
  }
}

void MelFilterbank::apply(std::span<const float> spectrum, std::span<float> output) const {
  if (spectrum.size() != spectrum_size_ || output.size() != filters_.size()) {
    throw std::invalid_argument("MelFilterbank: expected " + std::to_string(spectrum_size_) +
                                " bins and " + std::to_string(filters_.size()) + " outputs, got " +
                                std::to_string(spectrum.size()) + " and " +
                                std::to_string(output.size()));
  }
  for (std::size_t m = 0; m < filters_.size(); ++m) {
    const Filter& filter = filters_[m];
    const float* x = spectrum.data() + filter.first_bin;
    const float* weight = weights_.data() + filter.first_weight;
    Quad sum = load(x) * load(weight);
    for (int q = 1; q < filter.quad_count; ++q) {
      x += kQuad;
      weight += kQuad;
      sum += load(x) * load(weight);
    }
    output[m] = (sum[0] + sum[2]) + (sum[1] + sum[3]);
  }
}

std::vector<float> MelFilterbank::dense_weights() const {
  std::vector<float> dense(filters_.size() * spectrum_size_);
  for (std::size_t m = 0; m < filters_.size(); ++m) {
    const Filter& filter = filters_[m];
    std::copy_n(weights_.begin() + filter.first_weight, filter.quad_count * kQuad,
                dense.begin() + static_cast<std::ptrdiff_t>(m * spectrum_size_) + filter.first_bin);
  }
  return dense;
}

}  // namespace harpy
