#include "tools/info/audio_levels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace harpy::tools {

namespace {

constexpr int kFrameSamples = 1024;
constexpr float kNearFullScale = 0.97F;  // the greatest mu-law value is 0.98
constexpr double kLeastFallDb = 25.0;
constexpr double kLeastSeconds = 0.1;

std::optional<double> decibels(double amplitude) {
  if (!(amplitude > 0.0)) return std::nullopt;
  return 20.0 * std::log10(amplitude);
}

}  // namespace

AudioLevels::AudioLevels(int sample_rate_hz)
    : sample_rate_hz_(sample_rate_hz),
      fft_(kFrameSamples),
      windowed_(kFrameSamples),
      power_(static_cast<std::size_t>(fft_.bin_count())),
      power_sum_(power_.size()) {
  // Blackman's window, so that loud low frequencies do not leak into an empty band.
  for (int i = 0; i < kFrameSamples; ++i) {
    const double angle = 2.0 * std::numbers::pi * i / kFrameSamples;
    window_.push_back(
        static_cast<float>(0.42 - 0.5 * std::cos(angle) + 0.08 * std::cos(2.0 * angle)));
  }
  frame_.reserve(kFrameSamples);
}

void AudioLevels::accept(std::span<const float> samples) {
  for (const float sample : samples) {
    const float magnitude = std::abs(sample);
    sum_ += sample;
    square_sum_ += double{sample} * sample;
    peak_ = std::max(peak_, magnitude);
    if (magnitude > 1.0F) ++clipped_;
    if (run_length_ > 0 && sample == run_value_) {
      ++run_length_;
    } else {
      if (run_length_ > 1) clipped_ += run_length_;
      run_length_ = magnitude >= kNearFullScale && magnitude <= 1.0F ? 1 : 0;
      run_value_ = sample;
    }
    frame_.push_back(sample);
    if (frame_.size() == kFrameSamples) measure_spectrum();
  }
  sample_count_ += std::ssize(samples);
}

std::optional<double> AudioLevels::peak_dbfs() const { return decibels(peak_); }

std::optional<double> AudioLevels::rms_dbfs() const {
  if (sample_count_ == 0) return std::nullopt;
  return decibels(std::sqrt(square_sum_ / static_cast<double>(sample_count_)));
}

double AudioLevels::dc_offset() const {
  return sample_count_ == 0 ? 0.0 : sum_ / static_cast<double>(sample_count_);
}

std::int64_t AudioLevels::clipped_sample_count() const {
  return clipped_ + (run_length_ > 1 ? run_length_ : 0);
}

void AudioLevels::measure_spectrum() {
  for (std::size_t i = 0; i < frame_.size(); ++i) windowed_[i] = frame_[i] * window_[i];
  fft_.power_spectrum(windowed_, power_);
  for (std::size_t k = 0; k < power_.size(); ++k) power_sum_[k] += power_[k];
  ++frame_count_;
  frame_.clear();
}

std::optional<double> AudioLevels::band_edge_hz() const {
  const auto sample_count = static_cast<double>(frame_count_ * kFrameSamples);
  if (sample_count < kLeastSeconds * sample_rate_hz_) return std::nullopt;
  std::vector<double> level_db;
  for (const double power : power_sum_) {
    level_db.push_back(10.0 * std::log10(power / static_cast<double>(frame_count_) + 1e-20));
  }
  // For each edge: the mean level shortly below it over the greatest level anywhere above it.
  const auto place = [&](double bins) {
    return level_db.begin() + static_cast<std::ptrdiff_t>(std::lround(bins));
  };
  double greatest_fall_db = 0.0;
  std::ptrdiff_t edge_bin = 0;
  for (std::ptrdiff_t bin = 64; bin < std::ssize(level_db) * 9 / 10; ++bin) {
    const auto edge = static_cast<double>(bin);
    const auto below = place(0.75 * edge);
    const auto below_end = place(0.9 * edge);
    double mean_db = 0.0;
    for (auto level = below; level != below_end; ++level) mean_db += *level;
    mean_db /= static_cast<double>(below_end - below);
    const double fall_db = mean_db - *std::max_element(place(1.05 * edge), level_db.end());
    // Of equally good edges the lowest: there the fall is complete.
    if (fall_db > greatest_fall_db + 0.5) {
      greatest_fall_db = fall_db;
      edge_bin = bin;
    }
  }
  if (greatest_fall_db < kLeastFallDb) return std::nullopt;
  return static_cast<double>(edge_bin) * sample_rate_hz_ / kFrameSamples;
}

int usual_sample_rate_hz(double edge_hz) {
  constexpr std::array<int, 9> kUsualRates{8000,  11025, 12000, 16000, 22050,
                                           24000, 32000, 44100, 48000};
  for (const int rate_hz : kUsualRates) {
    if (edge_hz <= 0.52 * rate_hz) return rate_hz;
  }
  return 96000;
}

}  // namespace harpy::tools
