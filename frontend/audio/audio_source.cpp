#include "frontend/audio/audio_source.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace harpy {
namespace {

constexpr double kGreatestSeconds = 1e9;
constexpr std::int64_t kSkipFrames = 16384;  ///< passed over at a time

std::int64_t frames_of(double seconds, int sample_rate_hz) {
  return static_cast<std::int64_t>(std::llround(seconds * sample_rate_hz));
}

}  // namespace

StretchReader::StretchReader(AudioSource& source, double start_s, std::optional<double> end_s)
    : source_(source) {
  if (!(start_s >= 0.0 && start_s <= kGreatestSeconds)) {
    throw std::invalid_argument(source.name() + ": expected a start of at least 0 s, got " +
                                std::to_string(start_s));
  }
  if (end_s && !(*end_s >= start_s && *end_s <= kGreatestSeconds)) {
    throw std::invalid_argument(source.name() + ": expected an end after the start at " +
                                std::to_string(start_s) + " s, got " + std::to_string(*end_s));
  }
  skip_frames_ = frames_of(start_s, source.sample_rate_hz());
  if (end_s) left_frames_ = frames_of(*end_s, source.sample_rate_hz()) - skip_frames_;
}

std::span<const float> StretchReader::read(std::int64_t max_frames) {
  if (max_frames < 1) {
    throw std::invalid_argument(source_.name() + ": expected to read at least 1 sample, got " +
                                std::to_string(max_frames));
  }
  skip_to_start();
  if (left_frames_) max_frames = std::min(max_frames, *left_frames_);
  if (max_frames == 0) return {};
  const std::span<const float> frames = source_.read(max_frames);
  if (left_frames_) {
    *left_frames_ -= static_cast<std::int64_t>(frames.size()) / source_.channel_count();
  }
  return frames;
}

void StretchReader::skip_to_start() {
  while (skip_frames_ > 0) {
    const std::span<const float> frames = source_.read(std::min(skip_frames_, kSkipFrames));
    if (frames.empty()) {
      throw std::runtime_error(source_.name() + ": ends " + std::to_string(skip_frames_) +
                               " samples before the stretch asked for begins");
    }
    skip_frames_ -= static_cast<std::int64_t>(frames.size()) / source_.channel_count();
  }
}

MonoReader::MonoReader(AudioSource& source, double start_s, std::optional<double> end_s,
                       ChannelSelection channels)
    : stretch_(source, start_s, end_s),
      channels_(channels),
      mix_(source.channel_count(), source.sample_rate_hz()) {
  if (channels.channel && (*channels.channel < 0 || *channels.channel >= source.channel_count())) {
    throw std::invalid_argument(source.name() + ": expected a channel from 0 to " +
                                std::to_string(source.channel_count() - 1) + ", got " +
                                std::to_string(*channels.channel));
  }
}

std::span<const float> MonoReader::read(std::int64_t max_samples) {
  const auto channel_count = static_cast<std::size_t>(stretch_.source().channel_count());
  if (channel_count == 1) return stretch_.read(max_samples);
  if (!channels_.channel) return read_mix(max_samples);
  const std::span<const float> frames = stretch_.read(max_samples);
  mono_.resize(frames.size() / channel_count);
  for (std::size_t t = 0; t < mono_.size(); ++t) {
    mono_[t] = frames[t * channel_count + static_cast<std::size_t>(*channels_.channel)];
  }
  return mono_;
}

std::span<const float> MonoReader::read_mix(std::int64_t max_samples) {
  mono_.erase(mono_.begin(), mono_.begin() + static_cast<std::ptrdiff_t>(taken_));
  while (mono_.empty() && !is_at_end_) {
    const std::span<const float> frames = stretch_.read(max_samples);
    is_at_end_ = frames.empty();
    if (is_at_end_) {
      mix_.finish(mono_);
    } else {
      mix_.add(frames, mono_);
    }
  }
  taken_ = std::min(mono_.size(), static_cast<std::size_t>(max_samples));
  return std::span(mono_).first(taken_);
}

std::vector<std::string> MonoReader::notes() const {
  std::vector<std::string> notes = stretch_.source().notes();
  if (mix_.taken_channel()) {
    notes.push_back("its channels cancel each other out when they are mixed; channel " +
                    std::to_string(*mix_.taken_channel() + 1) + " is taken");
  }
  return notes;
}

ChannelReader::ChannelReader(AudioSource& source, double start_s, std::optional<double> end_s)
    : stretch_(source, start_s, end_s),
      channels_(static_cast<std::size_t>(source.channel_count())) {}

std::int64_t ChannelReader::read(std::int64_t max_samples) {
  const std::span<const float> frames = stretch_.read(max_samples);
  const std::size_t frame_count = frames.size() / channels_.size();
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    std::vector<float>& channel = channels_[c];
    channel.resize(frame_count);
    for (std::size_t t = 0; t < frame_count; ++t) channel[t] = frames[t * channels_.size() + c];
  }
  return static_cast<std::int64_t>(frame_count);
}

std::span<const float> ChannelReader::channel(int index) const {
  return channels_.at(static_cast<std::size_t>(index));
}

}  // namespace harpy
