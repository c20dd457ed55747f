#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "frontend/audio/byte_file.hpp"
#include "frontend/audio/sound_bytes.hpp"

namespace harpy {

/// Decodes one stream of sound from front to back.
class SoundDecoder {
 public:
  virtual ~SoundDecoder() = default;

  int sample_rate_hz = 0;
  int channel_count = 0;
  /// Frames that the stream has; absent if only reading tells.
  std::optional<std::int64_t> frame_count;
  /// Container and coding, such as "WAV, 16-bit PCM".
  std::string format;

  /// Fills `frames` [max_frames, channel_count] and returns how many frames there were, 0 at the
  /// end. Errors: std::runtime_error with the reason, without the name of the file.
  virtual std::int64_t read(float* frames, std::int64_t max_frames) = 0;
};

/// Decodes everything but MP3 (libsndfile). `file` must outlive the decoder.
/// Errors: std::runtime_error naming the file if it is no audio, or audio of a format that is not
/// on the list of AudioFile.
std::unique_ptr<SoundDecoder> open_sndfile(ByteFile& file, const SoundBytes& bytes);

/// Decodes MP3 (libmpg123). `file` must outlive the decoder.
/// Errors: std::runtime_error naming the file if it cannot be decoded, is cut off or joins streams
/// of different sample rates.
std::unique_ptr<SoundDecoder> open_mp3(ByteFile& file, std::uint64_t first_frame);

/// Where the first frame of an MP3 file stands; absent for other files. Tags, zeros and other bytes
/// in front of it are passed over, up to 1 MiB: a frame is found where several follow one another.
std::optional<std::uint64_t> find_mp3_frames(ByteFile& file, std::uint64_t begin);

/// Bytes of a frame at the end of an MP3 file that is not whole, as in a recording that was cut
/// off; 0 if the last one is.
std::uint64_t unfinished_mp3_bytes(ByteFile& file, std::uint64_t first_frame);

/// The end of the ID3v2 tags that stand at the beginning of a file; 0 without any.
std::uint64_t id3_tags_end(ByteFile& file);

}  // namespace harpy
