#include "frontend/audio/pcm.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "frontend/audio/audio_limits.hpp"

namespace harpy {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr float kFullScale = 32768.0F;

/// Most frames that one call reads.
constexpr std::int64_t kMostPcmFramesAtOnce = 1 << 20;

struct CodingName {
  PcmCoding coding;
  std::string_view name;
  int sample_bytes;
};
constexpr std::array<CodingName, 4> kCodings{{{PcmCoding::kS16, "s16le", 2},
                                              {PcmCoding::kFloat32, "f32le", 4},
                                              {PcmCoding::kMuLaw, "mulaw", 1},
                                              {PcmCoding::kALaw, "alaw", 1}}};

const CodingName& find(PcmCoding coding) {
  for (const CodingName& entry : kCodings) {
    if (entry.coding == coding) return entry;
  }
  throw std::invalid_argument("unknown PCM coding");
}

/// G.711: sign, three bits of exponent, four of mantissa, all inverted; 14 bits of precision.
constexpr int kMuLawBias = 132;
constexpr int kMuLawClip = 32635;

int decode_mu_law(int code) {
  code = ~code & 0xFF;
  const int exponent = code >> 4 & 7;
  const int magnitude = (((code & 15) << 3) + kMuLawBias) << exponent;
  return (code & 0x80) != 0 ? kMuLawBias - magnitude : magnitude - kMuLawBias;
}

int encode_mu_law(int value) {
  const int sign = value < 0 ? 0x80 : 0;
  const int magnitude = std::min(std::abs(value), kMuLawClip) + kMuLawBias;
  const int exponent =
      std::max(0, static_cast<int>(std::bit_width(static_cast<unsigned>(magnitude))) - 8);
  return ~(sign | exponent << 4 | (magnitude >> (exponent + 3) & 15)) & 0xFF;
}

/// G.711: sign, three bits of exponent, four of mantissa, every other bit inverted; 13 bits of
/// precision.
constexpr int kALawInversion = 0x55;

int decode_a_law(int code) {
  code ^= kALawInversion;
  const int exponent = code >> 4 & 7;
  int magnitude = ((code & 15) << 4) + 8;
  if (exponent > 0) magnitude = (magnitude + 256) << (exponent - 1);
  return (code & 0x80) != 0 ? magnitude : -magnitude;
}

int encode_a_law(int value) {
  const int sign = value < 0 ? 0 : 0x80;
  const int magnitude = value < 0 ? ~value : value;
  const int exponent =
      std::max(0, static_cast<int>(std::bit_width(static_cast<unsigned>(magnitude))) - 8);
  const int mantissa = magnitude >> std::max(4, exponent + 3) & 15;
  return (sign | exponent << 4 | mantissa) ^ kALawInversion;
}

template <typename Decode>
std::array<float, 256> make_table(const Decode& decode) {
  std::array<float, 256> table;
  for (std::size_t code = 0; code < table.size(); ++code) {
    table[code] = static_cast<float>(decode(static_cast<int>(code))) / kFullScale;
  }
  return table;
}

void decode_table(const std::array<float, 256>& table, std::span<const std::byte> bytes,
                  std::span<float> samples) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    samples[i] = table[std::to_integer<std::size_t>(bytes[i])];
  }
}

int round_to_s16(float sample) {
  const float scaled = std::nearbyint(sample * kFullScale);
  return static_cast<int>(std::clamp(scaled, -kFullScale, kFullScale - 1.0F));
}

}  // namespace

std::string to_string(PcmCoding coding) { return std::string(find(coding).name); }

PcmCoding parse_pcm_coding(std::string_view name) {
  std::string known;
  for (const CodingName& entry : kCodings) {
    if (entry.name == name) return entry.coding;
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw std::invalid_argument("PCM coding: expected one of " + known + ", got \"" +
                              std::string(name) + "\"");
}

int pcm_sample_bytes(PcmCoding coding) { return find(coding).sample_bytes; }

std::vector<std::byte> encode_pcm(PcmCoding coding, std::span<const float> samples) {
  const auto sample_bytes = static_cast<std::size_t>(pcm_sample_bytes(coding));
  std::vector<std::byte> bytes(samples.size() * sample_bytes);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    std::byte* place = bytes.data() + i * sample_bytes;
    if (coding == PcmCoding::kFloat32) {
      const float clipped = std::clamp(samples[i], -1.0F, 1.0F);
      std::memcpy(place, &clipped, sizeof(clipped));
      continue;
    }
    const int value = round_to_s16(samples[i]);
    if (coding == PcmCoding::kS16) {
      const auto stored = static_cast<std::int16_t>(value);
      std::memcpy(place, &stored, sizeof(stored));
    } else {
      *place = static_cast<std::byte>(coding == PcmCoding::kMuLaw ? encode_mu_law(value)
                                                                  : encode_a_law(value));
    }
  }
  return bytes;
}

void PcmDecoder::decode(std::span<const std::byte> bytes, std::vector<float>& samples) {
  const auto sample_bytes = static_cast<std::size_t>(pcm_sample_bytes(coding_));
  if (!pending_.empty()) {
    const std::size_t missing = std::min(sample_bytes - pending_.size(), bytes.size());
    pending_.insert(pending_.end(), bytes.begin(),
                    bytes.begin() + static_cast<std::ptrdiff_t>(missing));
    bytes = bytes.subspan(missing);
    if (pending_.size() < sample_bytes) return;
    decode_whole(pending_, samples);
    pending_.clear();
  }
  const std::size_t whole_bytes = bytes.size() / sample_bytes * sample_bytes;
  decode_whole(bytes.first(whole_bytes), samples);
  const auto rest = bytes.subspan(whole_bytes);
  pending_.assign(rest.begin(), rest.end());
}

void PcmDecoder::decode_whole(std::span<const std::byte> bytes, std::vector<float>& samples) {
  static const std::array<float, 256> kMuLaw = make_table(decode_mu_law);
  static const std::array<float, 256> kALaw = make_table(decode_a_law);
  const std::size_t count = bytes.size() / static_cast<std::size_t>(pcm_sample_bytes(coding_));
  if (count == 0) return;
  const std::size_t old_size = samples.size();
  samples.resize(old_size + count);
  const std::span<float> output = std::span(samples).subspan(old_size);
  switch (coding_) {
    case PcmCoding::kS16:
      for (std::size_t i = 0; i < count; ++i) {
        std::int16_t value = 0;
        std::memcpy(&value, bytes.data() + i * sizeof(value), sizeof(value));
        output[i] = static_cast<float>(value) / kFullScale;
      }
      break;
    case PcmCoding::kFloat32:
      std::memcpy(output.data(), bytes.data(), bytes.size());
      for (std::size_t i = 0; i < count; ++i) {
        if (is_sample(output[i])) continue;
        samples.resize(old_size);
        throw std::runtime_error("sample " +
                                 std::to_string(decoded_samples_ + static_cast<std::int64_t>(i)) +
                                 " is no audio: " + std::to_string(output[i]));
      }
      break;
    case PcmCoding::kMuLaw:
      decode_table(kMuLaw, bytes, output);
      break;
    case PcmCoding::kALaw:
      decode_table(kALaw, bytes, output);
      break;
  }
  decoded_samples_ += static_cast<std::int64_t>(count);
}

PcmStream::PcmStream(std::istream& stream, std::string name, const PcmFormat& format)
    : stream_(stream), name_(std::move(name)), format_(format), decoder_(format.coding) {
  if (format.sample_rate_hz < kLeastSampleRateHz || format.sample_rate_hz > kGreatestSampleRateHz) {
    throw std::invalid_argument(name_ + ": expected a sample rate of 4,000 to 192,000 Hz, got " +
                                std::to_string(format.sample_rate_hz));
  }
  if (format.channel_count < 1 || format.channel_count > kMostChannels) {
    throw std::invalid_argument(name_ + ": expected 1 to 8 channels, got " +
                                std::to_string(format.channel_count));
  }
}

std::span<const float> PcmStream::read(std::int64_t max_frames) {
  if (max_frames < 1) {
    throw std::invalid_argument("PcmStream: expected to read at least 1 frame, got " +
                                std::to_string(max_frames));
  }
  const auto frame_bytes = static_cast<std::size_t>(format_.channel_count) *
                           static_cast<std::size_t>(pcm_sample_bytes(format_.coding));
  bytes_.resize(static_cast<std::size_t>(std::min(max_frames, kMostPcmFramesAtOnce)) * frame_bytes);
  samples_.clear();
  stream_.read(reinterpret_cast<char*>(bytes_.data()), static_cast<std::streamsize>(bytes_.size()));
  if (stream_.bad()) throw std::runtime_error(name_ + ": cannot be read");
  const auto got = static_cast<std::size_t>(stream_.gcount());
  if (got % frame_bytes != 0) {
    throw std::runtime_error(name_ + ": ends in the middle of a sample: expected multiples of " +
                             std::to_string(frame_bytes) + " bytes, the last has " +
                             std::to_string(got % frame_bytes));
  }
  try {
    decoder_.decode(std::span(bytes_).first(got), samples_);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(name_ + ": " + error.what());
  }
  return samples_;
}

}  // namespace harpy
