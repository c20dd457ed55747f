#include "frontend/audio/audio_file.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "frontend/audio/audio_limits.hpp"
#include "frontend/audio/chunk_container.hpp"
#include "frontend/audio/flac_tail.hpp"
#include "frontend/audio/foreign_format.hpp"
#include "frontend/audio/ogg_pages.hpp"
#include "frontend/audio/sound_decoder.hpp"
#include "frontend/audio/sphere_file.hpp"

namespace harpy {
namespace {

/// Most frames that one call reads.
constexpr std::int64_t kMostFramesAtOnce = 1 << 20;

[[noreturn]] void fail(const std::string& name, const std::string& fault) {
  throw std::runtime_error(name + ": " + fault);
}

void check_limits(const ByteFile& file, const SoundDecoder& decoder) {
  if (decoder.sample_rate_hz < kLeastSampleRateHz ||
      decoder.sample_rate_hz > kGreatestSampleRateHz) {
    fail(file.name(), "expected a sample rate of 4,000 to 192,000 Hz, got " +
                          std::to_string(decoder.sample_rate_hz));
  }
  if (decoder.channel_count < 1 || decoder.channel_count > kMostChannels) {
    fail(file.name(), "expected 1 to 8 channels, got " + std::to_string(decoder.channel_count));
  }
}

/// What begins like MPEG audio, but is not MP3, or too short to be sure, is not tried further.
void refuse_other_mpeg(ByteFile& file, std::uint64_t begin) {
  const std::uint64_t header = file.big_endian(begin, 2).value_or(0);
  if ((header & 0xFFE0) != 0xFFE0) return;
  const std::uint64_t layer = 4 - (header >> 1 & 3);
  if (layer == 4) fail(file.name(), "is not an audio file of a known format");
  if (layer == 3) fail(file.name(), "is truncated or damaged: it holds no whole frames of MP3");
  refuse_unsupported(file, "is MPEG audio of layer " + std::to_string(layer) + ", which");
}

}  // namespace

AudioFile::AudioFile(ByteFile file) : file_(std::move(file)) {
  const std::uint64_t tags_end = id3_tags_end(file_);
  if (file_.has(tags_end, "fLaC")) {
    open_stream(find_flac_stream(file_, tags_end));
  } else if (const auto samples = find_chunk_samples(file_)) {
    open_stream(*samples);
  } else if (const auto sphere = find_sphere_samples(file_)) {
    open_stream(*sphere);
  } else {
    refuse_foreign_format(file_);
    open_packets(tags_end);
  }
  check_limits(file_, *decoder_);
}

void AudioFile::open_packets(std::uint64_t tags_end) {
  streams_ = find_ogg_streams(file_);
  if (!streams_.empty()) {
    has_several_streams_ = streams_.size() > 1;
    std::reverse(streams_.begin(), streams_.end());
    open_next_stream();
  } else if (const auto first_frame = find_mp3_frames(file_, tags_end)) {
    decoder_ = open_mp3(file_, *first_frame);
    const std::uint64_t cut_bytes = unfinished_mp3_bytes(file_, *first_frame);
    if (cut_bytes > 0) {
      notes_.push_back("is cut off: the " + std::to_string(cut_bytes) +
                       " bytes of MP3 at its end are no whole frame and are not read");
    }
  } else {
    refuse_other_mpeg(file_, tags_end);
    open_stream({.header = "",
                 .begin = tags_end,
                 .size_bytes = file_.size_bytes() - std::min(tags_end, file_.size_bytes()),
                 .note = "",
                 .container = ""});
  }
}

AudioFile::~AudioFile() = default;

int AudioFile::sample_rate_hz() const { return decoder_->sample_rate_hz; }
int AudioFile::channel_count() const { return decoder_->channel_count; }
const std::string& AudioFile::format() const { return decoder_->format; }

std::optional<std::int64_t> AudioFile::frame_count() const {
  return has_several_streams_ ? std::nullopt : decoder_->frame_count;
}

void AudioFile::open_stream(const SoundBytes& bytes) {
  if (!bytes.note.empty()) notes_.push_back(bytes.note);
  decoder_ = open_sndfile(file_, bytes);
}

bool AudioFile::open_next_stream() {
  if (streams_.empty()) return false;
  const std::unique_ptr<SoundDecoder> last = std::move(decoder_);
  open_stream(streams_.back());
  streams_.pop_back();
  stream_frames_ = 0;
  if (last != nullptr && (last->sample_rate_hz != decoder_->sample_rate_hz ||
                          last->channel_count != decoder_->channel_count)) {
    fail(name(), "joins Ogg streams of different sample rates or channel counts");
  }
  return true;
}

void AudioFile::check_end() const {
  if (decoder_->frame_count && stream_frames_ < *decoder_->frame_count) {
    fail(name(), "is truncated or damaged: its header announces " +
                     std::to_string(*decoder_->frame_count) + " samples, " +
                     std::to_string(stream_frames_) + " could be read");
  }
}

std::span<const float> AudioFile::read(std::int64_t max_frames) {
  if (max_frames < 1) {
    throw std::invalid_argument("AudioFile: expected to read at least 1 frame, got " +
                                std::to_string(max_frames));
  }
  max_frames = std::min(max_frames, kMostFramesAtOnce);
  buffer_.resize(static_cast<std::size_t>(max_frames * channel_count()));
  std::int64_t got = 0;
  do {
    try {
      got = decoder_->read(buffer_.data(), max_frames);
    } catch (const std::runtime_error& error) {
      fail(name(), "is truncated or damaged: " + std::to_string(read_frames_) +
                       " samples could be read (" + error.what() + ")");
    }
    if (got == 0) check_end();
  } while (got == 0 && open_next_stream());
  const auto channels = static_cast<std::size_t>(channel_count());
  const std::span<const float> samples =
      std::span(buffer_).first(static_cast<std::size_t>(got) * channels);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (is_sample(samples[i])) continue;
    fail(name(), "holds a value that is no audio (" + std::to_string(samples[i]) + ") at sample " +
                     std::to_string(read_frames_ + static_cast<std::int64_t>(i / channels)));
  }
  stream_frames_ += got;
  read_frames_ += got;
  return samples;
}

}  // namespace harpy
