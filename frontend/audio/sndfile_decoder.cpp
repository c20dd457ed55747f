#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "frontend/audio/foreign_format.hpp"
#include "frontend/audio/sndfile_sound.hpp"
#include "frontend/audio/sound_decoder.hpp"

namespace harpy {
namespace {

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
/// Codings that are read from one container only.
constexpr std::array<NamedCode, 8> kCompressed{
    {{SF_FORMAT_WAV | SF_FORMAT_GSM610, "WAV, GSM 6.10"},
     {SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, "WAV, IMA ADPCM"},
     {SF_FORMAT_WAV | SF_FORMAT_MS_ADPCM, "WAV, MS ADPCM"},
     {SF_FORMAT_FLAC | SF_FORMAT_PCM_S8, "FLAC, 8-bit"},
     {SF_FORMAT_FLAC | SF_FORMAT_PCM_16, "FLAC, 16-bit"},
     {SF_FORMAT_FLAC | SF_FORMAT_PCM_24, "FLAC, 24-bit"},
     {SF_FORMAT_OGG | SF_FORMAT_VORBIS, "Ogg Vorbis"},
     {SF_FORMAT_OGG | SF_FORMAT_OPUS, "Ogg Opus"}}};

template <std::size_t count>
const char* find_name(const std::array<NamedCode, count>& table, int code) {
  for (const NamedCode& entry : table) {
    if (entry.code == code) return entry.name;
  }
  return nullptr;
}

/// The name of an allowed format; empty for all others. `container` is its name if libsndfile sees
/// another one.
std::string allowed_format(int format, const std::string& container) {
  const int type = format & SF_FORMAT_TYPEMASK;
  const int coding = format & SF_FORMAT_SUBMASK;
  if (const char* name = find_name(kCompressed, type | coding)) return name;
  const char* container_name = find_name(kPcmContainers, type);
  const char* coding_name = find_name(kPcmCodings, coding);
  if (container_name == nullptr || coding_name == nullptr) return {};
  return (container.empty() ? container_name : container) + ", " + coding_name;
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

[[noreturn]] void fail(const ByteFile& file, const std::string& fault) {
  throw std::runtime_error(file.name() + ": " + fault);
}

/// The bytes that libsndfile is given, with the place where it reads.
class Input {
 public:
  Input(ByteFile& file, SoundBytes bytes) : file_(file), bytes_(std::move(bytes)) {}

  SF_VIRTUAL_IO functions() {
    return {.get_filelen = [](void* user) { return static_cast<Input*>(user)->size(); },
            .seek = [](sf_count_t offset, int whence,
                       void* user) { return static_cast<Input*>(user)->seek(offset, whence); },
            .read =
                [](void* buffer, sf_count_t count, void* user) {
                  return static_cast<Input*>(user)->read(static_cast<char*>(buffer), count);
                },
            .write = [](const void*, sf_count_t, void*) -> sf_count_t { return 0; },
            .tell = [](void* user) { return static_cast<Input*>(user)->position_; }};
  }

 private:
  sf_count_t header_size() const { return static_cast<sf_count_t>(bytes_.header.size()); }
  sf_count_t size() const { return header_size() + static_cast<sf_count_t>(bytes_.size_bytes); }

  sf_count_t seek(sf_count_t offset, int whence) {
    const sf_count_t place = sndfile_place(offset, whence, position_, size());
    if (place >= 0) position_ = place;
    return place;
  }

  sf_count_t read(char* buffer, sf_count_t count) {
    count = std::clamp<sf_count_t>(count, 0, std::max<sf_count_t>(0, size() - position_));
    sf_count_t done = 0;
    if (position_ < header_size()) {
      done = static_cast<sf_count_t>(bytes_.header.copy(buffer, static_cast<std::size_t>(count),
                                                        static_cast<std::size_t>(position_)));
    }
    if (done < count) {
      const auto place =
          bytes_.begin + static_cast<std::uint64_t>(position_ + done - header_size());
      done += static_cast<sf_count_t>(
          file_.read(place, std::span(buffer + done, static_cast<std::size_t>(count - done))));
    }
    position_ += done;
    return done;
  }

  ByteFile& file_;
  const SoundBytes bytes_;
  sf_count_t position_ = 0;
};

class SndfileDecoder : public SoundDecoder {
 public:
  SndfileDecoder(ByteFile& file, const SoundBytes& bytes) : input_(file, bytes) {
    SF_INFO info{};
    OpenedSndfile opened = open_sndfile(input_.functions(), SFM_READ, info, &input_);
    if (!opened.sound) {
      fail(file, opened.error == SF_ERR_UNRECOGNISED_FORMAT
                     ? "is not an audio file of a known format"
                     : "cannot be opened as audio: " + opened.reason);
    }
    sound_ = std::move(opened.sound);
    format = allowed_format(info.format, bytes.container);
    if (format.empty()) {
      refuse_unsupported(file, sndfile_format_name(info.format));
    }
    sample_rate_hz = info.samplerate;
    channel_count = info.channels;
    // The greatest count stands for an unknown one.
    if (info.frames < SF_COUNT_MAX) frame_count = info.frames;
  }

  std::int64_t read(float* frames, std::int64_t max_frames) override {
    const std::int64_t got = sf_readf_float(sound_.get(), frames, max_frames);
    if (got > 0) return got;
    const int error = sf_error(sound_.get());
    if (error != SF_ERR_NO_ERROR) throw std::runtime_error(sf_error_number(error));
    return 0;
  }

 private:
  Input input_;
  SndfileSound sound_;
};

}  // namespace

std::unique_ptr<SoundDecoder> open_sndfile(ByteFile& file, const SoundBytes& bytes) {
  return std::make_unique<SndfileDecoder>(file, bytes);
}

}  // namespace harpy
