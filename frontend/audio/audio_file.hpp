#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "frontend/audio/audio_source.hpp"
#include "frontend/audio/byte_file.hpp"
#include "frontend/audio/sound_bytes.hpp"

namespace harpy {

class SoundDecoder;

/// An audio file, read as a stream (libsndfile; libmpg123 for MP3).
///
/// Formats: WAV, RF64, BW64, W64, AIFF, AU, CAF and NIST SPHERE with PCM, float, mu-law or A-law
/// samples; WAV with GSM 6.10, IMA or MS ADPCM; FLAC; Ogg Vorbis and Opus, also of several streams
/// end to end; MP3. 4 to 192 kHz, 1 to 8 channels. Everything else that libsndfile knows is
/// refused, because its rarer decoders are where malicious files find faults. docs/inputs.md tells
/// what becomes of each kind of file; sample_length.hpp has the rule for lengths that are not true.
class AudioFile : public AudioSource {
 public:
  /// Errors: std::runtime_error, one line naming the file and the fault: missing, empty, not audio,
  /// a format, rate or channel count outside the above, or fewer samples than its header announces.
  explicit AudioFile(const std::filesystem::path& path) : AudioFile(ByteFile(path)) {}
  /// Likewise of an open file.
  explicit AudioFile(ByteFile file);
  ~AudioFile() override;

  const std::string& name() const override { return file_.name(); }
  int sample_rate_hz() const override;
  int channel_count() const override;
  std::vector<std::string> notes() const override { return notes_; }
  /// Frames of the whole file as its header announces; absent if only reading tells (MP3, Ogg of
  /// several streams, FLAC from a pipe).
  std::optional<std::int64_t> frame_count() const;
  /// Container and coding, such as "WAV, 16-bit PCM".
  const std::string& format() const;

  std::span<const float> read(std::int64_t max_frames) override;

 private:
  /// Opens Ogg, MP3, or what only libsndfile may know.
  void open_packets(std::uint64_t tags_end);
  void open_stream(const SoundBytes& bytes);
  bool open_next_stream();
  void check_end() const;

  ByteFile file_;
  std::vector<SoundBytes> streams_;  ///< those that are not yet open, the next one last
  std::unique_ptr<SoundDecoder> decoder_;
  std::int64_t stream_frames_ = 0;  ///< read of the stream that is open
  std::int64_t read_frames_ = 0;    ///< read of the file
  bool has_several_streams_ = false;
  std::vector<std::string> notes_;
  std::vector<float> buffer_;  ///< [frames, channels]
};

}  // namespace harpy
