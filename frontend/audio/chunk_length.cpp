#include "frontend/audio/chunk_length.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace harpy {
namespace {

constexpr int kMostChunks = 10000;

/// Where the samples of a file lie; an offset of 0 stands for nowhere.
struct SampleBytes {
  std::uint64_t offset = 0;
  std::uint64_t frame_bytes = 0;  ///< of one sample of all channels
  std::uint64_t announced_bytes = 0;
  bool is_open = false;  ///< whether the length was left open
  // The field that announces the length; it counts `extra_bytes` more than the samples.
  std::uint64_t field_offset = 0;
  std::size_t field_bytes = 4;
  bool is_big_endian = false;
  std::uint64_t extra_bytes = 0;
};

/// One chunk of a file that is a row of them.
struct Chunk {
  std::string id;
  std::uint64_t size_offset = 0;  ///< of the field with the size
  std::uint64_t content_offset = 0;
  std::uint64_t size_bytes = 0;  ///< of the content
};

/// How a container lays out its chunks.
struct ChunkLayout {
  std::uint64_t first_chunk = 0;
  std::size_t id_bytes = 4;
  std::size_t size_bytes = 4;
  bool is_big_endian = false;
  bool size_counts_header = false;
  std::uint64_t alignment_bytes = 2;
};

/// Calls `visit(chunk)` for each chunk until it returns true or the file ends.
template <typename Visitor>
void for_each_chunk(ByteFile& file, const ChunkLayout& layout, const Visitor& visit) {
  const std::uint64_t header_bytes = layout.id_bytes + layout.size_bytes;
  std::uint64_t offset = layout.first_chunk;
  for (int i = 0; i < kMostChunks; ++i) {
    const std::uint64_t size_offset = offset + layout.id_bytes;
    const auto size = layout.is_big_endian ? file.big_endian(size_offset, layout.size_bytes)
                                           : file.little_endian(size_offset, layout.size_bytes);
    if (!size) return;
    Chunk chunk{file.read(offset, layout.id_bytes), size_offset, offset + header_bytes, *size};
    if (layout.size_counts_header) chunk.size_bytes -= std::min(*size, header_bytes);
    if (visit(chunk) || chunk.size_bytes > file.size_bytes()) return;
    const std::uint64_t padding =
        (layout.alignment_bytes - chunk.size_bytes % layout.alignment_bytes) %
        layout.alignment_bytes;
    offset = chunk.content_offset + chunk.size_bytes + padding;
  }
}

/// Sizes that programs write into 32-bit fields when they cannot know: the greatest signed or
/// unsigned number, or a little below either.
bool is_unknown_size(std::uint64_t size) { return size >= 0x7FFFF000; }

std::optional<SampleBytes> find_wav_samples(ByteFile& file) {
  const bool is_rf64 = file.has(0, "RF64");
  const bool is_big_endian = file.has(0, "RIFX");
  if ((!is_rf64 && !is_big_endian && !file.has(0, "RIFF")) || !file.has(8, "WAVE"))
    return std::nullopt;
  const auto number = [&](std::uint64_t offset, std::size_t count) {
    return (is_big_endian ? file.big_endian(offset, count) : file.little_endian(offset, count))
        .value_or(0);
  };
  SampleBytes found{.is_big_endian = is_big_endian};
  std::uint64_t long_size = 0;
  std::uint64_t long_size_offset = 0;
  const ChunkLayout layout{.first_chunk = 12, .is_big_endian = is_big_endian};
  for_each_chunk(file, layout, [&](const Chunk& chunk) {
    if (chunk.id == "ds64") {
      long_size_offset = chunk.content_offset + 8;
      long_size = number(long_size_offset, 8);
    }
    if (chunk.id == "fmt ") found.frame_bytes = number(chunk.content_offset + 12, 2);
    if (chunk.id != "data") return false;
    found.offset = chunk.content_offset;
    if (is_rf64 && chunk.size_bytes == 0xFFFFFFFF) {
      found.announced_bytes = long_size;
      found.is_open = long_size == 0 || long_size == ~std::uint64_t{0};
      found.field_offset = long_size_offset;
      found.field_bytes = 8;
      return true;
    }
    // A size of 0 with a file size that ends at or before the samples was never filled in; with
    // one that goes on, chunks follow a data chunk without samples.
    const std::uint64_t riff_size = number(4, 4);
    const bool was_never_filled_in =
        riff_size + 8 <= chunk.content_offset || is_unknown_size(riff_size);
    found.announced_bytes = chunk.size_bytes;
    found.is_open =
        is_unknown_size(chunk.size_bytes) || (chunk.size_bytes == 0 && was_never_filled_in);
    found.field_offset = chunk.size_offset;
    return true;
  });
  return found;
}

std::optional<SampleBytes> find_w64_samples(ByteFile& file) {
  if (!file.has(0, "riff") || !file.has(24, "wave")) return std::nullopt;
  SampleBytes found{.field_bytes = 8, .extra_bytes = 24};
  const ChunkLayout layout{.first_chunk = 40,
                           .id_bytes = 16,
                           .size_bytes = 8,
                           .size_counts_header = true,
                           .alignment_bytes = 8};
  for_each_chunk(file, layout, [&](const Chunk& chunk) {
    if (chunk.id.starts_with("fmt ")) {
      found.frame_bytes = file.little_endian(chunk.content_offset + 12, 2).value_or(0);
    }
    if (!chunk.id.starts_with("data")) return false;
    found.offset = chunk.content_offset;
    found.announced_bytes = chunk.size_bytes;
    found.is_open = chunk.size_bytes == 0 || chunk.size_bytes > ~std::uint64_t{0} / 2;
    found.field_offset = chunk.size_offset;
    return true;
  });
  return found;
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

/// Offset and block size, before the samples.
constexpr std::uint64_t kAiffFieldBytes = 8;

std::optional<SampleBytes> find_aiff_samples(ByteFile& file) {
  const bool is_aifc = file.has(8, "AIFC");
  if (!file.has(0, "FORM") || (!is_aifc && !file.has(8, "AIFF"))) return std::nullopt;
  SampleBytes found{.is_big_endian = true};
  for_each_chunk(file, {.first_chunk = 12, .is_big_endian = true}, [&](const Chunk& chunk) {
    if (chunk.id == "COMM") {
      const std::uint64_t channels = file.big_endian(chunk.content_offset, 2).value_or(0);
      const std::uint64_t bits = file.big_endian(chunk.content_offset + 6, 2).value_or(0);
      const std::string coding = is_aifc ? file.read(chunk.content_offset + 18, 4) : "";
      found.frame_bytes = channels * aiff_sample_bytes(coding, bits);
    }
    if (chunk.id == "SSND") {
      found.extra_bytes = kAiffFieldBytes + file.big_endian(chunk.content_offset, 4).value_or(0);
      found.offset = chunk.content_offset + found.extra_bytes;
      found.announced_bytes = chunk.size_bytes - std::min(chunk.size_bytes, found.extra_bytes);
      found.is_open = chunk.size_bytes == 0 || is_unknown_size(chunk.size_bytes);
      found.field_offset = chunk.size_offset;
    }
    return found.offset != 0 && found.frame_bytes != 0;
  });
  return found;
}

/// By the code of the coding: mu-law, PCM of 8 to 32 bits, float, double; A-law is 27.
constexpr std::array<std::uint64_t, 8> kAuSampleBytes{0, 1, 1, 2, 3, 4, 4, 8};

std::optional<SampleBytes> find_au_samples(ByteFile& file) {
  const bool is_big_endian = file.has(0, ".snd");
  if (!is_big_endian && !file.has(0, "dns.")) return std::nullopt;
  const auto field = [&](std::uint64_t index) {
    return (is_big_endian ? file.big_endian(index * 4, 4) : file.little_endian(index * 4, 4))
        .value_or(0);
  };
  const std::uint64_t coding = field(3);
  const std::uint64_t sample_bytes = coding == 27                     ? 1
                                     : coding < kAuSampleBytes.size() ? kAuSampleBytes[coding]
                                                                      : 0;
  return SampleBytes{.offset = field(1),
                     .frame_bytes = field(5) * sample_bytes,
                     .announced_bytes = field(2),
                     .is_open = field(2) == 0 || is_unknown_size(field(2)),
                     .field_offset = 8,
                     .is_big_endian = is_big_endian};
}

std::optional<SampleBytes> find_caf_samples(ByteFile& file) {
  if (!file.has(0, "caff")) return std::nullopt;
  SampleBytes found{.field_bytes = 8, .is_big_endian = true, .extra_bytes = 4};  // the edit count
  const ChunkLayout layout{
      .first_chunk = 8, .size_bytes = 8, .is_big_endian = true, .alignment_bytes = 1};
  for_each_chunk(file, layout, [&](const Chunk& chunk) {
    if (chunk.id == "desc") {
      found.frame_bytes = file.big_endian(chunk.content_offset + 16, 4).value_or(0);
    }
    if (chunk.id != "data") return false;
    found.offset = chunk.content_offset + found.extra_bytes;
    found.announced_bytes = chunk.size_bytes - std::min(chunk.size_bytes, found.extra_bytes);
    found.is_open = chunk.size_bytes == 0 || chunk.size_bytes == ~std::uint64_t{0};
    found.field_offset = chunk.size_offset;
    return true;
  });
  return found;
}

/// A number as a length field holds it, the greatest possible if it does not fit.
std::string encode(std::uint64_t value, const SampleBytes& samples) {
  if (samples.field_bytes == 4) value = std::min<std::uint64_t>(value, 0xFFFFFFFF);
  std::string bytes(samples.field_bytes, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(value & 0xFF);
    value >>= 8;
  }
  if (samples.is_big_endian) std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

void check_or_fill_in(ByteFile& file, const SampleBytes& samples) {
  const std::uint64_t found_bytes = file.size_bytes() - std::min(file.size_bytes(), samples.offset);
  if (samples.is_open) {
    file.replace(samples.field_offset, encode(found_bytes + samples.extra_bytes, samples));
  } else if (found_bytes < samples.announced_bytes) {
    throw std::runtime_error(file.name() + ": is truncated: its header announces " +
                             std::to_string(samples.announced_bytes / samples.frame_bytes) +
                             " samples, it holds " +
                             std::to_string(found_bytes / samples.frame_bytes));
  }
}

}  // namespace

void check_chunk_length(ByteFile& file) {
  for (const auto find :
       {find_wav_samples, find_w64_samples, find_aiff_samples, find_au_samples, find_caf_samples}) {
    const std::optional<SampleBytes> found = find(file);
    if (!found) continue;
    if (found->offset == 0) {
      throw std::runtime_error(file.name() + ": is truncated: it ends before its samples");
    }
    if (found->frame_bytes != 0) check_or_fill_in(file, *found);
    return;
  }
}

}  // namespace harpy
