#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "frontend/audio/audio_source.hpp"
#include "frontend/audio/byte_file.hpp"
#include "frontend/audio/limited_process.hpp"

namespace harpy {

/// Sound that the system's ffmpeg decodes, as a process of its own with limits: the first sound
/// track of a file in the forms that UnsupportedAudio stands for (WebM, MP4, M4A, Matroska, AAC,
/// WMA and others), as 16-bit samples of the file's rate and channels. What begins like a playlist
/// or names other files is not followed. Memory does not depend on the file's length.
class FfmpegSource : public AudioSource {
 public:
  /// Errors: std::runtime_error, one line naming the file and why it cannot be read: missing,
  /// ffmpeg is not installed, ffmpeg's own complaint, a limit that was met, a rate or channel count
  /// outside those of AudioFile.
  explicit FfmpegSource(const std::filesystem::path& path, const ProcessLimits& limits = {})
      : FfmpegSource(ByteFile(path), limits) {}
  /// Likewise of an open file.
  explicit FfmpegSource(const ByteFile& file, const ProcessLimits& limits = {});

  const std::string& name() const override { return name_; }
  int sample_rate_hz() const override { return sample_rate_hz_; }
  int channel_count() const override { return channel_count_; }
  /// What ffmpeg complained of though it went on; complete when all has been read.
  std::vector<std::string> notes() const override;

  std::span<const float> read(std::int64_t max_frames) override;

 private:
  [[noreturn]] void fail(const std::string& what) const;
  void read_header();
  std::size_t read_bytes(std::span<std::byte> bytes);

  std::string name_;
  std::unique_ptr<LimitedProcess> process_;
  int sample_rate_hz_ = 0;
  int channel_count_ = 0;
  std::vector<std::byte> bytes_;
  std::vector<float> samples_;
};

}  // namespace harpy
