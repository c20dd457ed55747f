#include "frontend/audio_file.hpp"

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "frontend/container_length.hpp"

namespace harpy {
namespace {

constexpr int kLeastRate_hz = 4000;
constexpr int kGreatestRate_hz = 192000;
constexpr int kMostChannels = 8;

/// The least absolute value that no recording has: larger ones would overflow in the features.
constexpr float kUnusableSample = 1e9F;

struct NamedCode {
  int code;
  const char* name;
};

constexpr std::array<NamedCode, 7> kPcmContainers{{{SF_FORMAT_WAV, "WAV"},
                                                   {SF_FORMAT_WAVEX, "WAV"},
                                                   {SF_FORMAT_W64, "W64"},
                                                   {SF_FORMAT_RF64, "RF64"},
                                                   {SF_FORMAT_AIFF, "AIFF"},
                                                   {SF_FORMAT_AU, "AU"},
                                                   {SF_FORMAT_CAF, "CAF"}}};
constexpr std::array<NamedCode, 9> kPcmCodings{{{SF_FORMAT_PCM_S8, "8-bit PCM"},
                                                {SF_FORMAT_PCM_U8, "8-bit PCM"},
                                                {SF_FORMAT_PCM_16, "16-bit PCM"},
                                                {SF_FORMAT_PCM_24, "24-bit PCM"},
                                                {SF_FORMAT_PCM_32, "32-bit PCM"},
                                                {SF_FORMAT_FLOAT, "32-bit float"},
                                                {SF_FORMAT_DOUBLE, "64-bit float"},
                                                {SF_FORMAT_ULAW, "mu-law"},
                                                {SF_FORMAT_ALAW, "A-law"}}};
/// Containers that have one family of codings.
constexpr std::array<NamedCode, 6> kCompressed{
    {{SF_FORMAT_FLAC | SF_FORMAT_PCM_S8, "FLAC, 8-bit"},
     {SF_FORMAT_FLAC | SF_FORMAT_PCM_16, "FLAC, 16-bit"},
     {SF_FORMAT_FLAC | SF_FORMAT_PCM_24, "FLAC, 24-bit"},
     {SF_FORMAT_OGG | SF_FORMAT_VORBIS, "Ogg Vorbis"},
     {SF_FORMAT_OGG | SF_FORMAT_OPUS, "Ogg Opus"},
     {SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, "MP3"}}};

template <std::size_t count>
const char* find_name(const std::array<NamedCode, count>& table, int code) {
  for (const NamedCode& entry : table) {
    if (entry.code == code) return entry.name;
  }
  return nullptr;
}

/// The name of an allowed format; empty for all others.
std::string allowed_format(int format) {
  const int container = format & SF_FORMAT_TYPEMASK;
  const int coding = format & SF_FORMAT_SUBMASK;
  if (const char* name = find_name(kCompressed, container | coding)) return name;
  const char* container_name = find_name(kPcmContainers, container);
  const char* coding_name = find_name(kPcmCodings, coding);
  if (container_name == nullptr || coding_name == nullptr) return {};
  return std::string(container_name) + ", " + coding_name;
}

/// What libsndfile calls a format.
std::string sndfile_format_name(int format) {
  SF_FORMAT_INFO container{
      .format = format & SF_FORMAT_TYPEMASK, .name = nullptr, .extension = nullptr};
  SF_FORMAT_INFO coding{
      .format = format & SF_FORMAT_SUBMASK, .name = nullptr, .extension = nullptr};
  sf_command(nullptr, SFC_GET_FORMAT_INFO, &container, sizeof(container));
  sf_command(nullptr, SFC_GET_FORMAT_INFO, &coding, sizeof(coding));
  return std::string(container.name != nullptr ? container.name : "unknown container") + " with " +
         (coding.name != nullptr ? coding.name : "unknown coding");
}

[[noreturn]] void fail(const std::string& name, const std::string& fault) {
  throw std::runtime_error(name + ": " + fault);
}

void check_is_readable(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) fail(path.string(), "no such file");
  if (error) fail(path.string(), error.message());
  if (std::filesystem::is_directory(status)) fail(path.string(), "is a folder, not an audio file");
  if (!std::filesystem::is_regular_file(status)) fail(path.string(), "is not a regular file");
  if (std::filesystem::file_size(path, error) == 0) fail(path.string(), "is empty");
  if (!std::ifstream(path)) fail(path.string(), "cannot be read (permission denied?)");
}

}  // namespace

struct AudioFile::Handle {
  struct Closer {
    void operator()(SNDFILE* file) const { sf_close(file); }
  };
  std::unique_ptr<SNDFILE, Closer> file;
};

AudioFile::AudioFile(const std::filesystem::path& path)
    : name_(path.string()), handle_(std::make_unique<Handle>()) {
  check_is_readable(path);
  const std::optional<ContainerLength> length = read_container_length(path);
  if (length && length->truncated())
    fail_truncated(*length->announced_frames, length->found_frames);
  SF_INFO info{};
  handle_->file.reset(sf_open(path.c_str(), SFM_READ, &info));
  if (!handle_->file) {
    const int error = sf_error(nullptr);
    if (error == SF_ERR_UNRECOGNISED_FORMAT) fail(name_, "is not an audio file of a known format");
    fail(name_, std::string("cannot be opened as audio: ") + sf_strerror(nullptr));
  }
  format_ = allowed_format(info.format);
  if (format_.empty()) {
    fail(name_, sndfile_format_name(info.format) + " is not supported; use WAV, FLAC, Ogg or MP3");
  }
  if (info.samplerate < kLeastRate_hz || info.samplerate > kGreatestRate_hz) {
    fail(name_,
         "expected a sample rate of 4,000 to 192,000 Hz, got " + std::to_string(info.samplerate));
  }
  if (info.channels < 1 || info.channels > kMostChannels) {
    fail(name_, "expected 1 to 8 channels, got " + std::to_string(info.channels));
  }
  sample_rate_hz_ = info.samplerate;
  channel_count_ = info.channels;
  const bool is_length_exact = (info.format & SF_FORMAT_TYPEMASK) != SF_FORMAT_MPEG &&
                               info.frames > 0 && info.frames < SF_COUNT_MAX;
  if (is_length_exact) frame_count_ = info.frames;
}

AudioFile::~AudioFile() = default;

void AudioFile::fail_truncated(std::uint64_t announced, std::uint64_t found) const {
  fail(name_, "is truncated: its header announces " + std::to_string(announced) +
                  " samples, it holds " + std::to_string(found));
}

std::span<const float> AudioFile::read(std::int64_t max_frames) {
  constexpr std::int64_t kMostAtOnce = 1 << 20;
  if (max_frames < 1) {
    throw std::invalid_argument("AudioFile: expected to read at least 1 frame, got " +
                                std::to_string(max_frames));
  }
  max_frames = std::min(max_frames, kMostAtOnce);
  buffer_.resize(static_cast<std::size_t>(max_frames * channel_count_));
  const std::int64_t got = sf_readf_float(handle_->file.get(), buffer_.data(), max_frames);
  if (got <= 0) {
    if (frame_count_ && read_frames_ < *frame_count_) {
      fail_truncated(static_cast<std::uint64_t>(*frame_count_),
                     static_cast<std::uint64_t>(read_frames_));
    }
    if (const int error = sf_error(handle_->file.get()); error != SF_ERR_NO_ERROR) {
      fail(name_, "cannot be decoded after " + std::to_string(read_frames_) +
                      " samples: " + sf_error_number(error));
    }
    return {};
  }
  const std::span<const float> samples =
      std::span(buffer_).first(static_cast<std::size_t>(got * channel_count_));
  for (const float sample : samples) {
    if (!(std::abs(sample) < kUnusableSample)) {
      fail(name_, "holds a value that is not a sample (" + std::to_string(sample) +
                      ") after sample " + std::to_string(read_frames_));
    }
  }
  read_frames_ += got;
  return samples;
}

}  // namespace harpy
