#include "frontend/audio/chunk_container.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include "frontend/audio/chunk_row.hpp"
#include "frontend/audio/sample_length.hpp"

namespace harpy {
namespace {

/// Essential chunks are short; a longer one is damaged.
constexpr std::uint64_t kMostChunkBytes = 4096;
constexpr std::uint32_t kUnknown32 = std::numeric_limits<std::uint32_t>::max();
/// So much the sizes in a header may count beside the samples.
constexpr std::uint64_t kHeaderRoom = 1 << 16;

/// Where the samples of a file lie and what it says of them.
struct Samples {
  std::uint64_t offset = 0;  ///< 0: nowhere
  std::uint64_t announced_bytes = 0;
  std::uint64_t frame_bytes = 0;
  std::string format_chunk;  ///< the content of the chunk that describes the samples
};

std::string bytes_of(std::uint64_t value, std::size_t count, bool big_endian) {
  std::string bytes(count, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(value & 0xFF);
    value >>= 8;
  }
  if (big_endian) std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

std::string padded(std::string text, std::size_t alignment) {
  text.resize((text.size() + alignment - 1) / alignment * alignment);
  return text;
}

/// Decides how much of the file is samples. `layout` tells which chunks may follow them.
SoundBytes bound(ByteFile& file, const Samples& samples, const ChunkLayout* layout) {
  if (samples.offset == 0 || samples.offset > file.size_bytes()) {
    throw std::runtime_error(file.name() + ": is truncated: it ends before its samples");
  }
  AnnouncedLength length{.announced_bytes = samples.announced_bytes,
                         .held_bytes = file.size_bytes() - samples.offset,
                         .unexplained_bytes = 0,
                         .frame_bytes = samples.frame_bytes};
  if (length.announced_bytes < length.held_bytes) {
    const std::uint64_t end = samples.offset + length.announced_bytes;
    if (layout == nullptr || !is_chunk_row(file, *layout, end)) {
      length.unexplained_bytes = file.size_bytes() - end;
    }
  }
  try {
    const SampleLength decided = decide_sample_length(length);
    return {.header = "",
            .begin = samples.offset,
            .size_bytes = decided.bytes,
            .note = decided.note,
            .container = ""};
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(file.name() + ": " + error.what());
  }
}

/// Codings of WAV files whose samples have a fixed size: integers, floats, A-law, mu-law and the
/// extensible form of these.
bool has_fixed_samples(std::uint64_t coding) {
  return coding == 1 || coding == 3 || coding == 6 || coding == 7 || coding == 0xFFFE;
}

std::optional<SoundBytes> find_wav_samples(ByteFile& file) {
  const bool is_bw64 = file.has(0, "BW64");
  const bool is_rf64 = is_bw64 || file.has(0, "RF64");
  const bool is_big_endian = file.has(0, "RIFX");
  if ((!is_rf64 && !is_big_endian && !file.has(0, "RIFF")) || !file.has(8, "WAVE")) return {};
  const auto number = [&](std::uint64_t offset, std::size_t count) {
    return (is_big_endian ? file.big_endian(offset, count) : file.little_endian(offset, count))
        .value_or(0);
  };
  Samples samples;
  std::uint64_t long_size = 0;
  const ChunkLayout layout{.first_chunk = 12, .is_big_endian = is_big_endian};
  for_each_chunk(file, layout, "data", [&](const Chunk& chunk) {
    if (chunk.id == "ds64") long_size = number(chunk.content_offset + 8, 8);
    if (chunk.id == "fmt " && samples.format_chunk.empty()) {
      samples.format_chunk =
          file.read(chunk.content_offset, std::min(chunk.size_bytes, kMostChunkBytes));
      if (has_fixed_samples(number(chunk.content_offset, 2))) {
        samples.frame_bytes = number(chunk.content_offset + 12, 2);
      }
    }
    if (chunk.id != "data") return false;
    samples.offset = chunk.content_offset;
    samples.announced_bytes =
        is_rf64 && chunk.size_bytes == kUnknown32 ? long_size : chunk.size_bytes;
    return true;
  });
  SoundBytes sound = bound(file, samples, &layout);
  if (is_bw64) sound.container = "BW64";
  const std::string format = padded(samples.format_chunk, 2);
  const std::string format_size = bytes_of(samples.format_chunk.size(), 4, is_big_endian);
  const bool is_long = is_rf64 || sound.size_bytes > kUnknown32 - kHeaderRoom;
  if (is_long && !is_big_endian) {
    sound.header = "RF64" + bytes_of(kUnknown32, 4, false) + "WAVEds64" + bytes_of(28, 4, false) +
                   bytes_of(sound.size_bytes + 60 + format.size(), 8, false) +
                   bytes_of(sound.size_bytes, 8, false) + bytes_of(0, 12, false) + "fmt " +
                   format_size + format + "data" + bytes_of(kUnknown32, 4, false);
    return sound;
  }
  const std::uint64_t size = std::min<std::uint64_t>(sound.size_bytes, kUnknown32 - kHeaderRoom);
  sound.header = (is_big_endian ? "RIFX" : "RIFF") +
                 bytes_of(size + 20 + format.size(), 4, is_big_endian) + "WAVEfmt " + format_size +
                 format + "data" + bytes_of(size, 4, is_big_endian);
  return sound;
}

std::optional<SoundBytes> find_w64_samples(ByteFile& file) {
  constexpr std::uint64_t kChunkHeaderBytes = 24;
  if (!file.has(0, "riff") || !file.has(24, "wave")) return {};
  Samples samples;
  std::string format_id;
  std::string data_id;
  const ChunkLayout layout{.first_chunk = 40,
                           .id_bytes = 16,
                           .size_bytes = 8,
                           .size_counts_header = true,
                           .alignment_bytes = 8};
  for_each_chunk(file, layout, "data", [&](const Chunk& chunk) {
    if (chunk.id.starts_with("fmt ")) {
      format_id = chunk.id;
      samples.format_chunk =
          file.read(chunk.content_offset, std::min(chunk.size_bytes, kMostChunkBytes));
      if (has_fixed_samples(file.little_endian(chunk.content_offset, 2).value_or(0))) {
        samples.frame_bytes = file.little_endian(chunk.content_offset + 12, 2).value_or(0);
      }
    }
    if (!chunk.id.starts_with("data")) return false;
    data_id = chunk.id;
    samples.offset = chunk.content_offset;
    samples.announced_bytes = chunk.size_bytes;
    return true;
  });
  SoundBytes sound = bound(file, samples, &layout);
  const std::string format = padded(samples.format_chunk, 8);
  const std::uint64_t rest_bytes = 40 + 2 * kChunkHeaderBytes + format.size();
  sound.header = file.read(0, 16) + bytes_of(sound.size_bytes + rest_bytes, 8, false) +
                 file.read(24, 16) + format_id +
                 bytes_of(samples.format_chunk.size() + kChunkHeaderBytes, 8, false) + format +
                 data_id + bytes_of(sound.size_bytes + kChunkHeaderBytes, 8, false);
  return sound;
}

/// Codings of AIFF files that are PCM; "42n1" is how libsndfile spells "42ni".
constexpr std::array<std::string_view, 12> kAiffPcm{"",     "NONE", "sowt", "twos", "raw ", "in24",
                                                    "in32", "ni24", "ni32", "42ni", "42n1", "23ni"};

/// Bytes of a sample of an AIFF file by its coding; 0 for others than ours.
std::uint64_t aiff_sample_bytes(const std::string& coding, std::uint64_t bits) {
  if (coding == "ulaw" || coding == "ULAW" || coding == "alaw" || coding == "ALAW") return 1;
  if (coding == "fl32" || coding == "FL32") return 4;
  if (coding == "fl64" || coding == "FL64") return 8;
  const bool is_pcm = std::find(kAiffPcm.begin(), kAiffPcm.end(), coding) != kAiffPcm.end();
  return is_pcm ? (bits + 7) / 8 : 0;
}

std::optional<SoundBytes> find_aiff_samples(ByteFile& file) {
  /// Offset and block size, which stand before the samples.
  constexpr std::uint64_t kFieldBytes = 8;
  const bool is_aifc = file.has(8, "AIFC");
  if (!file.has(0, "FORM") || (!is_aifc && !file.has(8, "AIFF"))) return {};
  Samples samples;
  const ChunkLayout layout{.first_chunk = 12, .is_big_endian = true};
  for_each_chunk(file, layout, "SSND", [&](const Chunk& chunk) {
    if (chunk.id == "COMM") {
      samples.format_chunk =
          file.read(chunk.content_offset, std::min(chunk.size_bytes, kMostChunkBytes));
      const std::uint64_t channels = file.big_endian(chunk.content_offset, 2).value_or(0);
      const std::uint64_t bits = file.big_endian(chunk.content_offset + 6, 2).value_or(0);
      const std::string coding = is_aifc ? file.read(chunk.content_offset + 18, 4) : "";
      samples.frame_bytes = channels * aiff_sample_bytes(coding, bits);
    }
    if (chunk.id == "SSND") {
      const std::uint64_t fields =
          kFieldBytes + file.big_endian(chunk.content_offset, 4).value_or(0);
      samples.offset = chunk.content_offset + fields;
      samples.announced_bytes = chunk.size_bytes - std::min(chunk.size_bytes, fields);
    }
    return samples.offset != 0 && !samples.format_chunk.empty();
  });
  SoundBytes sound = bound(file, samples, &layout);
  const std::string format = padded(samples.format_chunk, 2);
  const std::uint64_t size = std::min<std::uint64_t>(sound.size_bytes, kUnknown32 - kHeaderRoom);
  sound.header = "FORM" + bytes_of(size + 28 + format.size(), 4, true) +
                 (is_aifc ? "AIFCCOMM" : "AIFFCOMM") +
                 bytes_of(samples.format_chunk.size(), 4, true) + format + "SSND" +
                 bytes_of(size + kFieldBytes, 4, true) + bytes_of(0, kFieldBytes, true);
  return sound;
}

/// By the code of the coding: mu-law, PCM of 8 to 32 bits, float, double; A-law is 27.
constexpr std::array<std::uint64_t, 8> kAuSampleBytes{0, 1, 1, 2, 3, 4, 4, 8};

std::optional<SoundBytes> find_au_samples(ByteFile& file) {
  const bool is_big_endian = file.has(0, ".snd");
  if (!is_big_endian && !file.has(0, "dns.")) return {};
  const auto field = [&](std::uint64_t index) {
    return (is_big_endian ? file.big_endian(index * 4, 4) : file.little_endian(index * 4, 4))
        .value_or(0);
  };
  const std::uint64_t coding = field(3);
  const std::uint64_t sample_bytes = coding == 27                     ? 1
                                     : coding < kAuSampleBytes.size() ? kAuSampleBytes[coding]
                                                                      : 0;
  SoundBytes sound = bound(file,
                           {.offset = field(1),
                            .announced_bytes = field(2),
                            .frame_bytes = field(5) * sample_bytes,
                            .format_chunk = ""},
                           nullptr);
  const std::uint64_t size = std::min<std::uint64_t>(sound.size_bytes, kUnknown32 - kHeaderRoom);
  sound.header = file.read(0, 4) + bytes_of(24, 4, is_big_endian) +
                 bytes_of(size, 4, is_big_endian) + file.read(12, 12);
  return sound;
}

std::optional<SoundBytes> find_caf_samples(ByteFile& file) {
  constexpr std::uint64_t kEditCountBytes = 4;
  if (!file.has(0, "caff")) return {};
  Samples samples;
  const ChunkLayout layout{
      .first_chunk = 8, .size_bytes = 8, .is_big_endian = true, .alignment_bytes = 1};
  for_each_chunk(file, layout, "data", [&](const Chunk& chunk) {
    if (chunk.id == "desc") {
      samples.format_chunk =
          file.read(chunk.content_offset, std::min(chunk.size_bytes, kMostChunkBytes));
      samples.frame_bytes = file.big_endian(chunk.content_offset + 16, 4).value_or(0);
    }
    if (chunk.id != "data") return false;
    samples.offset = chunk.content_offset + kEditCountBytes;
    samples.announced_bytes = chunk.size_bytes - std::min(chunk.size_bytes, kEditCountBytes);
    return true;
  });
  // Codings without frames of a fixed size need further chunks and are not read anyway.
  if (samples.frame_bytes == 0 && !samples.format_chunk.empty()) return {};
  SoundBytes sound = bound(file, samples, &layout);
  sound.header = file.read(0, 8) + "desc" + bytes_of(samples.format_chunk.size(), 8, true) +
                 samples.format_chunk + "data" +
                 bytes_of(sound.size_bytes + kEditCountBytes, 8, true) +
                 bytes_of(0, kEditCountBytes, true);
  return sound;
}

}  // namespace

std::optional<SoundBytes> find_chunk_samples(ByteFile& file) {
  for (const auto find :
       {find_wav_samples, find_w64_samples, find_aiff_samples, find_au_samples, find_caf_samples}) {
    if (auto found = find(file)) return found;
  }
  return {};
}

}  // namespace harpy
