#include "frontend/audio/ffmpeg_source.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "frontend/audio/audio_limits.hpp"

namespace harpy {
namespace {

constexpr std::int64_t kMostConvertedFrames = 1 << 16;
constexpr float kS16FullScale = 32768.0F;

/// The containers that are read, by ffmpeg's names: none that names other files or is a picture.
constexpr const char* kDemuxers =
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,iff,loas,matroska,mov,mp3,mpc,mpc8,"
    "mpeg,mpegts,nistsphere,ogg,qcp,rm,shn,tta,voc,w64,wav,wv";
/// Its standard input as a file, so that it can be read from any place.
constexpr const char* kInput = "file:/dev/stdin";

std::vector<std::string> ffmpeg_command(const std::string& program) {
  return {program,
          "-nostdin",
          "-hide_banner",
          "-loglevel",
          "error",
          "-threads",
          "1",
          "-vn",
          "-sn",
          "-dn",
          "-format_whitelist",
          kDemuxers,
          "-protocol_whitelist",
          "file",
          "-i",
          kInput,
          "-map",
          "0:a:0",
          "-map_metadata",
          "-1",
          "-c:a",
          "pcm_s16be",
          "-f",
          "au",
          "pipe:1"};
}

// The header of an AU file: its mark, its own length, the length of the samples, their coding, rate
// and channel count, as big-endian numbers of four bytes; then a text up to its end.
constexpr std::size_t kHeaderFields = 6;
constexpr std::uint32_t kAuMark = 0x2E736E64;
constexpr std::uint32_t kAuS16 = 3;
constexpr std::uint32_t kMostAuHeaderBytes = 1 << 16;

std::uint32_t big_endian_number(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.first(4)) {
    value = value << 8U | std::to_integer<std::uint32_t>(byte);
  }
  return value;
}

/// What ffmpeg says, without the part of it and the file that it names.
std::string plain_complaint(std::string text) {
  const std::size_t end = text.find("] ");
  if (text.starts_with('[') && end != std::string::npos) text.erase(0, end + 2);
  const std::string input = std::string(kInput) + ": ";
  if (text.starts_with(input)) text.erase(0, input.size());
  return text;
}

}  // namespace

FfmpegSource::FfmpegSource(const ByteFile& file, const ProcessLimits& limits) : name_(file.name()) {
  const auto program = find_program("ffmpeg");
  if (!program) fail("needs ffmpeg, which is not installed (on Debian: apt install ffmpeg)");
  process_ = std::make_unique<LimitedProcess>(ffmpeg_command(*program), file.descriptor(), limits);
  read_header();
}

void FfmpegSource::fail(const std::string& what) const {
  throw std::runtime_error(name_ + ": " + what);
}

void FfmpegSource::read_header() {
  const auto read_whole = [this](std::span<std::byte> bytes) {
    while (!bytes.empty()) {
      const std::size_t got = read_bytes(bytes);
      if (got == 0) fail("ffmpeg finds no sound in it");
      bytes = bytes.subspan(got);
    }
  };
  std::array<std::byte, 4 * kHeaderFields> header{};
  read_whole(header);
  std::array<std::uint32_t, kHeaderFields> fields{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    fields[i] = big_endian_number(std::span(header).subspan(4 * i));
  }
  const auto [mark, header_bytes, length, coding, rate_hz, channels] = fields;
  if (mark != kAuMark || coding != kAuS16 || header_bytes < header.size() ||
      header_bytes > kMostAuHeaderBytes) {
    fail("ffmpeg gives something else than samples");
  }
  if (rate_hz < kLeastSampleRateHz || rate_hz > kGreatestSampleRateHz || channels < 1 ||
      channels > kMostChannels) {
    fail("expected 4,000 to 192,000 Hz and 1 to 8 channels, got " + std::to_string(rate_hz) +
         " Hz and " + std::to_string(channels));
  }
  bytes_.resize(header_bytes - header.size());
  read_whole(bytes_);
  sample_rate_hz_ = static_cast<int>(rate_hz);
  channel_count_ = static_cast<int>(channels);
}

std::size_t FfmpegSource::read_bytes(std::span<std::byte> bytes) {
  try {
    const std::size_t got = process_->read(bytes);
    if (got == 0) process_->wait();
    return got;
  } catch (const std::runtime_error& error) {
    const std::string complaint = plain_complaint(process_->complaint());
    fail(std::string("ffmpeg ") + error.what() + (complaint.empty() ? "" : ": ") + complaint);
  }
}

std::vector<std::string> FfmpegSource::notes() const {
  if (process_->complaint().empty()) return {};
  return {"ffmpeg says: " + plain_complaint(process_->complaint())};
}

std::span<const float> FfmpegSource::read(std::int64_t max_frames) {
  if (max_frames < 1) {
    throw std::invalid_argument("FfmpegSource: expected to read at least 1 frame, got " +
                                std::to_string(max_frames));
  }
  const std::size_t frame_bytes = 2 * static_cast<std::size_t>(channel_count_);
  bytes_.resize(frame_bytes * static_cast<std::size_t>(std::min(max_frames, kMostConvertedFrames)));
  std::size_t size = 0;
  std::size_t got = 0;
  do {
    got = read_bytes(std::span(bytes_).subspan(size));
    size += got;
  } while (got > 0 && size % frame_bytes != 0);
  samples_.resize(size / frame_bytes * static_cast<std::size_t>(channel_count_));
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const auto code = static_cast<std::int16_t>(std::to_integer<unsigned>(bytes_[2 * i]) << 8U |
                                                std::to_integer<unsigned>(bytes_[2 * i + 1]));
    samples_[i] = static_cast<float>(code) / kS16FullScale;
  }
  return samples_;
}

}  // namespace harpy
