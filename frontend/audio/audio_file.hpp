#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "frontend/audio/audio_source.hpp"

namespace harpy {

/// An audio file, read as a stream (libsndfile).
///
/// Formats: WAV, W64, RF64, AIFF, AU and CAF with PCM, float, mu-law or A-law samples; FLAC; Ogg
/// Vorbis and Opus; MP3. 4 to 192 kHz, 1 to 8 channels. Everything else that libsndfile knows is
/// refused, because its rarer decoders are where malicious files find faults.
class AudioFile : public AudioSource {
 public:
  /// Errors: std::runtime_error, one line naming the file and the fault: missing, empty, not audio,
  /// a format, rate or channel count outside the above, or fewer samples than its header announces.
  explicit AudioFile(const std::filesystem::path& path);
  ~AudioFile() override;

  const std::string& name() const override { return name_; }
  int sample_rate_hz() const override { return sample_rate_hz_; }
  int channel_count() const override { return channel_count_; }
  /// Frames of the whole file as its header announces; absent if only reading tells (MP3, streamed
  /// FLAC).
  std::optional<std::int64_t> frame_count() const { return frame_count_; }
  /// Container and coding, such as "WAV, 16-bit PCM".
  const std::string& format() const { return format_; }

  std::span<const float> read(std::int64_t max_frames) override;

 private:
  struct Handle;

  std::string name_;
  std::unique_ptr<Handle> handle_;
  int sample_rate_hz_ = 0;
  int channel_count_ = 0;
  std::optional<std::int64_t> frame_count_;
  std::string format_;
  std::int64_t read_frames_ = 0;
  std::vector<float> buffer_;  ///< [frames, channels]
};

}  // namespace harpy
