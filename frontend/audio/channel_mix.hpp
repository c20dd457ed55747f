#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace harpy {

/// Makes one channel of several: their mean, unless they cancel each other out.
///
/// Recordings in which one channel is the other one inverted are common, from microphones that are
/// wired so and from programs that remove voices; their mean is silence. So the first ten seconds
/// in which something sounds are looked at, half a second at a time. If the sum of the channels has
/// less than a tenth of the power that channels without relation would give it, the loudest channel
/// is taken from there on. What comes out does not depend on how the input is cut.
class ChannelMix {
 public:
  ChannelMix(int channel_count, int sample_rate_hz);

  /// Appends to `mono` what `frames` [frames, channels] bring; it may come half a second late.
  void add(std::span<const float> frames, std::vector<float>& mono);
  /// Appends the rest.
  void finish(std::vector<float>& mono);

  /// The channel that is taken in place of the mean, from 0; absent: none so far.
  std::optional<int> taken_channel() const { return taken_channel_; }

 private:
  void judge();
  void mix(std::span<const float> frames, std::vector<float>& mono) const;

  std::size_t channel_count_;
  std::size_t window_samples_;  ///< of all channels
  bool is_decided_ = false;
  std::optional<int> taken_channel_;
  std::vector<float> window_;          ///< [frames, channels]
  std::vector<double> channel_power_;  ///< sums over the loud windows so far
  double sum_power_ = 0.0;             ///< of the sum of all channels
  int loud_windows_ = 0;
};

}  // namespace harpy
