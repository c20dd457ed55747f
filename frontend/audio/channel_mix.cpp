#include "frontend/audio/channel_mix.hpp"

#include <algorithm>
#include <numeric>

namespace harpy {
namespace {

constexpr int kWindowsPerSecond = 2;
/// So many windows with sound are looked at: ten seconds.
constexpr int kMostWindows = 10 * kWindowsPerSecond;
/// Mean square of a channel, -50 dB of full scale, below which a window says nothing.
constexpr double kLeastPower = 1e-5;
constexpr double kCancelledShare = 0.1;

}  // namespace

ChannelMix::ChannelMix(int channel_count, int sample_rate_hz)
    : channel_count_(static_cast<std::size_t>(channel_count)),
      window_samples_(static_cast<std::size_t>(sample_rate_hz / kWindowsPerSecond) *
                      channel_count_),
      is_decided_(channel_count == 1),
      channel_power_(channel_count_) {}

void ChannelMix::add(std::span<const float> frames, std::vector<float>& mono) {
  while (!is_decided_ && !frames.empty()) {
    const std::size_t count = std::min(window_samples_ - window_.size(), frames.size());
    window_.insert(window_.end(), frames.begin(),
                   frames.begin() + static_cast<std::ptrdiff_t>(count));
    frames = frames.subspan(count);
    if (window_.size() < window_samples_) return;
    judge();
    mix(window_, mono);
    window_.clear();
  }
  mix(frames, mono);
}

void ChannelMix::finish(std::vector<float>& mono) {
  if (!window_.empty()) judge();
  mix(window_, mono);
  window_.clear();
}

void ChannelMix::judge() {
  // Powers without the constant part, which microphones add and nobody hears.
  const std::size_t frames = window_.size() / channel_count_;
  const auto frame_count = static_cast<double>(frames);
  std::vector<double> sums(channel_count_);
  std::vector<double> squares(channel_count_);
  double square_of_sum = 0.0;
  for (std::size_t i = 0; i < window_.size(); i += channel_count_) {
    double sum = 0.0;
    for (std::size_t c = 0; c < channel_count_; ++c) {
      const double sample = window_[i + c];
      sums[c] += sample;
      squares[c] += sample * sample;
      sum += sample;
    }
    square_of_sum += sum * sum;
  }
  const double total = std::accumulate(sums.begin(), sums.end(), 0.0);
  square_of_sum -= total * total / frame_count;
  for (std::size_t c = 0; c < channel_count_; ++c) squares[c] -= sums[c] * sums[c] / frame_count;
  if (*std::max_element(squares.begin(), squares.end()) < kLeastPower * frame_count) return;

  sum_power_ += square_of_sum;
  for (std::size_t c = 0; c < channel_count_; ++c) channel_power_[c] += squares[c];
  const double unrelated = std::accumulate(channel_power_.begin(), channel_power_.end(), 0.0);
  if (sum_power_ < kCancelledShare * unrelated) {
    const auto loudest = std::max_element(channel_power_.begin(), channel_power_.end());
    taken_channel_ = static_cast<int>(loudest - channel_power_.begin());
  }
  is_decided_ = taken_channel_.has_value() || ++loud_windows_ == kMostWindows;
}

void ChannelMix::mix(std::span<const float> frames, std::vector<float>& mono) const {
  for (std::size_t i = 0; i < frames.size(); i += channel_count_) {
    if (taken_channel_) {
      mono.push_back(frames[i + static_cast<std::size_t>(*taken_channel_)]);
      continue;
    }
    float sum = 0.0F;
    for (std::size_t c = 0; c < channel_count_; ++c) sum += frames[i + c];
    mono.push_back(sum / static_cast<float>(channel_count_));
  }
}

}  // namespace harpy
