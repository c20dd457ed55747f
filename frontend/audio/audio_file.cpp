#include "frontend/audio/audio_file.hpp"

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <stdexcept>

#include "frontend/audio/audio_limits.hpp"
#include "frontend/audio/byte_file.hpp"
#include "frontend/audio/chunk_length.hpp"
#include "frontend/audio/packet_length.hpp"

namespace harpy {
namespace {

/// Most frames that one call reads.
constexpr std::int64_t kMostFramesAtOnce = 1 << 20;

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

}  // namespace

struct AudioFile::Handle {
  struct Closer {
    void operator()(SNDFILE* handle) const { sf_close(handle); }
  };

  explicit Handle(const std::filesystem::path& path) : file(path), size_bytes(file.size_bytes()) {}

  /// Says that the file is much longer than it is, for a decoder that reads no further than it
  /// guesses from the size. Its last bytes, where tags are, are found where they should be.
  void feign_length() { size_bytes = std::max(size_bytes, kFeignedBytes); }

  std::size_t read(std::span<char> output) {
    const bool is_tail = size_bytes != file.size_bytes() && position + kTailBytes >= size_bytes;
    const std::uint64_t place = is_tail ? position - (size_bytes - file.size_bytes()) : position;
    const std::size_t count = file.read(place, output);
    position += count;
    return count;
  }

  static constexpr std::uint64_t kFeignedBytes = std::uint64_t{1} << 40;
  static constexpr std::uint64_t kTailBytes = 4096;

  ByteFile file;
  std::uint64_t size_bytes;  ///< as libsndfile is told
  std::uint64_t position = 0;
  std::unique_ptr<SNDFILE, Closer> sound;
};

namespace {

/// The functions through which libsndfile reads a Handle.
template <typename Handle>
SF_VIRTUAL_IO virtual_io() {
  return {.get_filelen = [](void* user) -> sf_count_t {
            return static_cast<sf_count_t>(static_cast<Handle*>(user)->size_bytes);
          },
          .seek = [](sf_count_t offset, int whence, void* user) -> sf_count_t {
            auto* handle = static_cast<Handle*>(user);
            const std::uint64_t origin = whence == SEEK_CUR   ? handle->position
                                         : whence == SEEK_END ? handle->size_bytes
                                                              : 0;
            const sf_count_t target = static_cast<sf_count_t>(origin) + offset;
            if (target < 0) return -1;
            handle->position = static_cast<std::uint64_t>(target);
            return target;
          },
          .read = [](void* buffer, sf_count_t count, void* user) -> sf_count_t {
            if (count <= 0) return 0;
            return static_cast<sf_count_t>(static_cast<Handle*>(user)->read(
                std::span(static_cast<char*>(buffer), static_cast<std::size_t>(count))));
          },
          .write = [](const void*, sf_count_t, void*) -> sf_count_t { return 0; },
          .tell = [](void* user) -> sf_count_t {
            return static_cast<sf_count_t>(static_cast<Handle*>(user)->position);
          }};
}

}  // namespace

AudioFile::AudioFile(const std::filesystem::path& path)
    : name_(path.string()), handle_(std::make_unique<Handle>(path)) {
  check_chunk_length(handle_->file);
  check_ogg_pages(handle_->file);
  if (check_mp3_length(handle_->file) == Mp3Length::kOpen) handle_->feign_length();
  SF_INFO info{};
  SF_VIRTUAL_IO io = virtual_io<Handle>();
  {
    // libsndfile keeps the error of a failed opening in a global variable.
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    handle_->sound.reset(sf_open_virtual(&io, SFM_READ, &info, handle_.get()));
    if (!handle_->sound) {
      const bool is_unknown = sf_error(nullptr) == SF_ERR_UNRECOGNISED_FORMAT;
      fail(name_, is_unknown ? "is not an audio file of a known format"
                             : std::string("cannot be opened as audio: ") + sf_strerror(nullptr));
    }
  }
  format_ = allowed_format(info.format);
  if (format_.empty()) {
    fail(name_, sndfile_format_name(info.format) + " is not supported; use WAV, FLAC, Ogg or MP3");
  }
  if (info.samplerate < kLeastSampleRateHz || info.samplerate > kGreatestSampleRateHz) {
    fail(name_,
         "expected a sample rate of 4,000 to 192,000 Hz, got " + std::to_string(info.samplerate));
  }
  if (info.channels < 1 || info.channels > kMostChannels) {
    fail(name_, "expected 1 to 8 channels, got " + std::to_string(info.channels));
  }
  sample_rate_hz_ = info.samplerate;
  channel_count_ = info.channels;
  // The greatest count stands for an unknown one; those of MP3 files may be guesses.
  const bool is_mp3 = (info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_MPEG;
  if (!is_mp3 && info.frames < SF_COUNT_MAX) frame_count_ = info.frames;
}

AudioFile::~AudioFile() = default;

std::span<const float> AudioFile::read(std::int64_t max_frames) {
  if (max_frames < 1) {
    throw std::invalid_argument("AudioFile: expected to read at least 1 frame, got " +
                                std::to_string(max_frames));
  }
  max_frames = std::min(max_frames, kMostFramesAtOnce);
  buffer_.resize(static_cast<std::size_t>(max_frames * channel_count_));
  const std::int64_t got = sf_readf_float(handle_->sound.get(), buffer_.data(), max_frames);
  if (got <= 0) {
    const int error = sf_error(handle_->sound.get());
    const std::string reason = error == SF_ERR_NO_ERROR ? "" : sf_error_number(error);
    if (frame_count_ && read_frames_ < *frame_count_) {
      fail(name_, "is truncated or damaged: its header announces " + std::to_string(*frame_count_) +
                      " samples, " + std::to_string(read_frames_) + " could be read" +
                      (reason.empty() ? "" : " (" + reason + ")"));
    }
    if (!reason.empty()) {
      fail(name_, "is truncated or damaged: " + std::to_string(read_frames_) +
                      " samples could be read (" + reason + ")");
    }
    return {};
  }
  const std::span<const float> samples =
      std::span(buffer_).first(static_cast<std::size_t>(got * channel_count_));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (is_sample(samples[i])) continue;
    const std::int64_t place = read_frames_ + static_cast<std::int64_t>(i) / channel_count_;
    fail(name_, "holds a value that is no audio (" + std::to_string(samples[i]) + ") at sample " +
                    std::to_string(place));
  }
  read_frames_ += got;
  return samples;
}

}  // namespace harpy
