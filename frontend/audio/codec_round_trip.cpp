#include "frontend/audio/codec_round_trip.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include "frontend/audio/sndfile_sound.hpp"

namespace harpy {
namespace {

int format_of(Codec codec) {
  switch (codec) {
    case Codec::kMuLaw:
      return SF_FORMAT_AU | SF_FORMAT_ULAW;
    case Codec::kGsm:
      return SF_FORMAT_WAV | SF_FORMAT_GSM610;
    case Codec::kOpus:
      return SF_FORMAT_OGG | SF_FORMAT_OPUS;
    case Codec::kMp3:
      return SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
  }
  throw std::invalid_argument("codec_round_trip: unknown codec");
}

/// A file of libsndfile that lies in memory.
class MemoryFile {
 public:
  /// Opens it, for writing (SFM_WRITE) or from its beginning for reading (SFM_READ).
  SndfileSound open(int mode, SF_INFO& info) {
    position_ = 0;
    const SF_VIRTUAL_IO io{
        .get_filelen = [](void* user) { return self(user).size(); },
        .seek = [](sf_count_t offset, int whence,
                   void* user) { return self(user).seek(offset, whence); },
        .read = [](void* buffer, sf_count_t count,
                   void* user) { return self(user).read(static_cast<std::byte*>(buffer), count); },
        .write =
            [](const void* buffer, sf_count_t count, void* user) {
              return self(user).write(static_cast<const std::byte*>(buffer), count);
            },
        .tell = [](void* user) { return self(user).position_; }};
    OpenedSndfile opened = open_sndfile(io, mode, info, this);
    if (!opened.sound) throw std::runtime_error("codec: " + opened.reason);
    return std::move(opened.sound);
  }

 private:
  static MemoryFile& self(void* user) { return *static_cast<MemoryFile*>(user); }

  sf_count_t size() const { return static_cast<sf_count_t>(bytes_.size()); }
  sf_count_t seek(sf_count_t offset, int whence) {
    const sf_count_t place = sndfile_place(offset, whence, position_, size());
    if (place >= 0) position_ = place;
    return place;
  }
  sf_count_t read(std::byte* buffer, sf_count_t count) {
    count = std::clamp<sf_count_t>(count, 0, std::max<sf_count_t>(0, size() - position_));
    std::copy_n(bytes_.begin() + position_, count, buffer);
    position_ += count;
    return count;
  }
  sf_count_t write(const std::byte* buffer, sf_count_t count) {
    if (position_ + count > size()) bytes_.resize(static_cast<std::size_t>(position_ + count));
    std::copy_n(buffer, count, bytes_.begin() + position_);
    position_ += count;
    return count;
  }

  std::vector<std::byte> bytes_;
  sf_count_t position_ = 0;
};

[[noreturn]] void fail(SNDFILE* sound) {
  throw std::runtime_error(std::string("codec: ") + sf_strerror(sound));
}

}  // namespace

std::vector<float> codec_round_trip(std::span<const float> samples, int sample_rate_hz, Codec codec,
                                    double quality) {
  const auto count = static_cast<sf_count_t>(samples.size());
  MemoryFile file;
  SF_INFO info{};
  info.samplerate = sample_rate_hz;
  info.channels = 1;
  info.format = format_of(codec);
  {
    const auto sound = file.open(SFM_WRITE, info);
    if (codec == Codec::kOpus || codec == Codec::kMp3) {
      double compression = 1.0 - quality;
      sf_command(sound.get(), SFC_SET_COMPRESSION_LEVEL, &compression, sizeof(compression));
    }
    sf_command(sound.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
    if (sf_writef_float(sound.get(), samples.data(), count) != count) fail(sound.get());
  }
  info = {};
  const auto sound = file.open(SFM_READ, info);
  std::vector<float> decoded(samples.size());
  const sf_count_t got = sf_readf_float(sound.get(), decoded.data(), count);
  if (got <= 0 && count > 0) fail(sound.get());
  return decoded;
}

}  // namespace harpy
