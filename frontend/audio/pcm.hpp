#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/audio/audio_source.hpp"

namespace harpy {

/// How raw audio codes a sample in bytes.
enum class PcmCoding {
  kS16,      ///< signed 16-bit integers, little-endian
  kFloat32,  ///< IEEE 754 single precision, little-endian, nominally in [-1, 1]
  kMuLaw,    ///< G.711 mu-law, one byte
  kALaw,     ///< G.711 A-law, one byte
};

/// "s16le", "f32le", "mulaw" or "alaw".
std::string to_string(PcmCoding coding);
/// Errors: std::invalid_argument for any other name.
PcmCoding parse_pcm_coding(std::string_view name);

int pcm_sample_bytes(PcmCoding coding);

/// Samples as bytes. Integers are rounded to the nearest, samples outside [-1, 1] are clipped; full
/// scale is 32,768.
std::vector<std::byte> encode_pcm(PcmCoding coding, std::span<const float> samples);

/// Turns a stream of bytes into samples. The bytes may be cut anywhere, also within a sample.
class PcmDecoder {
 public:
  explicit PcmDecoder(PcmCoding coding) : coding_(coding) {}

  /// Appends the samples that `bytes` complete to `samples`.
  /// Errors: std::runtime_error with its position for a float that is no number or beyond any
  /// audio (1e9).
  void decode(std::span<const std::byte> bytes, std::vector<float>& samples);

  /// How many bytes were given of a sample that is not yet complete.
  std::size_t pending_byte_count() const { return pending_.size(); }

 private:
  void decode_whole(std::span<const std::byte> bytes, std::vector<float>& samples);

  PcmCoding coding_;
  std::vector<std::byte> pending_;
  std::int64_t decoded_samples_ = 0;
};

/// What must be known of raw audio, which has no header to say it.
struct PcmFormat {
  PcmCoding coding = PcmCoding::kS16;
  int sample_rate_hz = 16000;  ///< 4,000 to 192,000
  int channel_count = 1;       ///< 1 to 8, interleaved

  bool operator==(const PcmFormat&) const = default;
};

/// Raw audio read from a stream, such as standard input.
class PcmStream : public AudioSource {
 public:
  /// `name` is for messages; `stream` must outlive this object.
  /// Errors: std::invalid_argument for a rate or channel count out of range.
  PcmStream(std::istream& stream, std::string name, const PcmFormat& format);

  const std::string& name() const override { return name_; }
  int sample_rate_hz() const override { return format_.sample_rate_hz; }
  int channel_count() const override { return format_.channel_count; }

  std::span<const float> read(std::int64_t max_frames) override;

 private:
  std::istream& stream_;
  std::string name_;
  PcmFormat format_;
  PcmDecoder decoder_;
  std::vector<std::byte> bytes_;
  std::vector<float> samples_;
};

}  // namespace harpy
