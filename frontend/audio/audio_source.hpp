#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "frontend/audio/channel_mix.hpp"

namespace harpy {

/// Audio that is read once from front to back.
class AudioSource {
 public:
  virtual ~AudioSource() = default;

  /// A name for messages, such as the path of a file.
  virtual const std::string& name() const = 0;
  virtual int sample_rate_hz() const = 0;
  virtual int channel_count() const = 0;
  /// Messages for the user about faults of audio that can be read all the same, without the name,
  /// which the caller puts before them; usually none.
  virtual std::vector<std::string> notes() const { return {}; }

  /// The next at most `max_frames` sample frames, interleaved [frames, channels], nominally in
  /// [-1, 1]; empty at the end. The span is valid until the next call.
  /// Errors: std::runtime_error naming the source, and the position, if the audio ends early or
  /// cannot be decoded.
  virtual std::span<const float> read(std::int64_t max_frames) = 0;
};

/// Which channels a single-channel signal is made of.
struct ChannelSelection {
  /// The channel taken, from 0; absent: the mean of all, or the loudest if they cancel each other
  /// out (ChannelMix).
  std::optional<int> channel;
};

/// Reads a source, or a stretch of it, as it is: all channels interleaved.
class StretchReader {
 public:
  /// Reads from `start_s` to before `end_s`, or to the end of the source, which must outlive this
  /// object. Errors: std::invalid_argument for a negative start or an end before it.
  explicit StretchReader(AudioSource& source, double start_s = 0.0,
                         std::optional<double> end_s = std::nullopt);

  const AudioSource& source() const { return source_; }

  /// The next at most `max_frames` frames, interleaved [frames, channels]; empty at the end. The
  /// span is valid until the next call. Errors: as AudioSource::read; std::runtime_error if the
  /// source ends before the stretch begins.
  std::span<const float> read(std::int64_t max_frames);

 private:
  void skip_to_start();

  AudioSource& source_;
  std::int64_t skip_frames_ = 0;             ///< still to pass over before the stretch
  std::optional<std::int64_t> left_frames_;  ///< of the stretch; absent: unlimited
};

/// Reads a source, or a stretch of it, as one channel.
class MonoReader {
 public:
  /// As StretchReader. Errors: also std::invalid_argument for a channel that the source does not
  /// have.
  explicit MonoReader(AudioSource& source, double start_s = 0.0,
                      std::optional<double> end_s = std::nullopt, ChannelSelection channels = {});

  /// The next samples, at most `max_samples`; empty at the end. The span is valid until the next
  /// call. Errors: as StretchReader::read.
  std::span<const float> read(std::int64_t max_samples = 16384);

  /// What the user should know, as AudioSource::notes, which are among them. Those that concern the
  /// mix are complete when all has been read.
  std::vector<std::string> notes() const;

 private:
  std::span<const float> read_mix(std::int64_t max_samples);

  StretchReader stretch_;
  ChannelSelection channels_;
  ChannelMix mix_;
  bool is_at_end_ = false;
  std::vector<float> mono_;
  std::size_t taken_ = 0;  ///< samples of mono_ that were given out
};

/// Reads a source, or a stretch of it, in one pass as all its channels apart.
class ChannelReader {
 public:
  /// As StretchReader.
  explicit ChannelReader(AudioSource& source, double start_s = 0.0,
                         std::optional<double> end_s = std::nullopt);

  int channel_count() const { return static_cast<int>(channels_.size()); }

  /// Reads the next samples of every channel, at most `max_samples` of each; returns how many of
  /// each, 0 at the end. Errors: as StretchReader::read.
  std::int64_t read(std::int64_t max_samples = 16384);
  /// What the last read brought of a channel, from 0. The span is valid until the next read.
  /// Errors: std::out_of_range for a channel that is not there.
  std::span<const float> channel(int index) const;

 private:
  StretchReader stretch_;
  std::vector<std::vector<float>> channels_;
};

}  // namespace harpy
