#include "frontend/container_length.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace harpy {
namespace {

/// A file read at given places; reading beyond the end gives nothing.
class ByteReader {
 public:
  explicit ByteReader(const std::filesystem::path& path)
      : stream_(path, std::ios::binary), size_bytes_(std::filesystem::file_size(path)) {
    if (!stream_) throw std::runtime_error(path.string() + ": cannot be read");
  }

  std::uint64_t size_bytes() const { return size_bytes_; }

  /// The `count` bytes from `offset`; fewer at the end of the file.
  std::string bytes(std::uint64_t offset, std::size_t count) {
    if (offset >= size_bytes_) return {};
    std::string result(count, '\0');
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(offset));
    stream_.read(result.data(), static_cast<std::streamsize>(count));
    result.resize(static_cast<std::size_t>(stream_.gcount()));
    return result;
  }

  bool has(std::uint64_t offset, std::string_view text) {
    return bytes(offset, text.size()) == text;
  }

  std::optional<std::uint64_t> little_endian(std::uint64_t offset, std::size_t count) {
    std::string value = bytes(offset, count);
    std::reverse(value.begin(), value.end());
    return number(value, count);
  }

  std::optional<std::uint64_t> big_endian(std::uint64_t offset, std::size_t count) {
    return number(bytes(offset, count), count);
  }

 private:
  static std::optional<std::uint64_t> number(const std::string& big_endian, std::size_t count) {
    if (big_endian.size() != count) return std::nullopt;
    std::uint64_t value = 0;
    for (const char byte : big_endian) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }

  std::ifstream stream_;
  std::uint64_t size_bytes_;
};

/// Where the samples begin, how many bytes of them are announced and how many make a frame.
struct SampleBytes {
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> announced_bytes;
  std::uint64_t frame_bytes = 0;
};

/// One chunk of a file that is a row of them.
struct Chunk {
  std::string id;
  std::uint64_t content_offset = 0;
  std::uint64_t size_bytes = 0;  ///< of the content
};

/// How a container lays out its chunks.
struct ChunkLayout {
  std::uint64_t first_chunk = 0;
  std::size_t id_bytes = 4;
  std::size_t size_bytes = 4;
  bool big_endian = false;
  bool size_counts_header = false;
  std::uint64_t alignment_bytes = 2;
};

/// Calls `visit(chunk)` for each chunk until it returns true or the file ends.
template <typename Visitor>
void for_each_chunk(ByteReader& file, const ChunkLayout& layout, const Visitor& visit) {
  constexpr int kMostChunks = 10000;
  const std::uint64_t header_bytes = layout.id_bytes + layout.size_bytes;
  std::uint64_t offset = layout.first_chunk;
  for (int i = 0; i < kMostChunks; ++i) {
    const std::uint64_t size_at = offset + layout.id_bytes;
    const auto size = layout.big_endian ? file.big_endian(size_at, layout.size_bytes)
                                        : file.little_endian(size_at, layout.size_bytes);
    if (!size) return;
    Chunk chunk{file.bytes(offset, layout.id_bytes), offset + header_bytes, *size};
    if (layout.size_counts_header) {
      if (*size < header_bytes) return;
      chunk.size_bytes -= header_bytes;
    }
    if (visit(chunk) || chunk.size_bytes > file.size_bytes()) return;
    const std::uint64_t padding =
        (layout.alignment_bytes - chunk.size_bytes % layout.alignment_bytes) %
        layout.alignment_bytes;
    offset = chunk.content_offset + chunk.size_bytes + padding;
  }
}

/// Sizes that programs write into 32-bit headers when they cannot know: 0, the greatest signed or
/// unsigned number, or a little below either.
bool is_open_size(std::uint64_t size) { return size == 0 || size >= 0x7FFFF000; }

std::optional<SampleBytes> find_wav_samples(ByteReader& file) {
  const bool is_rf64 = file.has(0, "RF64");
  if ((!is_rf64 && !file.has(0, "RIFF")) || !file.has(8, "WAVE")) return std::nullopt;
  SampleBytes found;
  std::optional<std::uint64_t> long_size;
  for_each_chunk(file, {.first_chunk = 12}, [&](const Chunk& chunk) {
    if (chunk.id == "ds64") long_size = file.little_endian(chunk.content_offset + 8, 8);
    if (chunk.id == "fmt ") {
      found.frame_bytes = file.little_endian(chunk.content_offset + 12, 2).value_or(0);
    }
    if (chunk.id != "data") return false;
    found.offset = chunk.content_offset;
    if (is_rf64 && chunk.size_bytes == 0xFFFFFFFF) {
      if (long_size.value_or(0) != 0) found.announced_bytes = long_size;
    } else if (!is_open_size(chunk.size_bytes)) {
      found.announced_bytes = chunk.size_bytes;
    }
    return true;
  });
  return found;
}

std::optional<SampleBytes> find_w64_samples(ByteReader& file) {
  if (!file.has(0, "riff") || !file.has(24, "wave")) return std::nullopt;
  SampleBytes found;
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
    if (chunk.size_bytes != 0) found.announced_bytes = chunk.size_bytes;
    return true;
  });
  return found;
}

/// Bytes of a sample of an AIFF-C file by its coding; 0 for others than ours.
std::uint64_t aiff_sample_bytes(const std::string& coding, std::uint64_t bits) {
  if (coding == "ulaw" || coding == "ULAW" || coding == "alaw" || coding == "ALAW") return 1;
  if (coding == "fl32" || coding == "FL32") return 4;
  if (coding == "fl64" || coding == "FL64") return 8;
  constexpr std::array<std::string_view, 8> kPcm{"",     "NONE", "sowt", "twos",
                                                 "raw ", "in24", "in32", "42ni"};
  const bool is_pcm = std::find(kPcm.begin(), kPcm.end(), coding) != kPcm.end();
  return is_pcm ? (bits + 7) / 8 : 0;
}

std::optional<SampleBytes> find_aiff_samples(ByteReader& file) {
  const bool is_aifc = file.has(8, "AIFC");
  if (!file.has(0, "FORM") || (!is_aifc && !file.has(8, "AIFF"))) return std::nullopt;
  SampleBytes found;
  for_each_chunk(file, {.first_chunk = 12, .big_endian = true}, [&](const Chunk& chunk) {
    if (chunk.id == "COMM") {
      const std::uint64_t channels = file.big_endian(chunk.content_offset, 2).value_or(0);
      const std::uint64_t bits = file.big_endian(chunk.content_offset + 6, 2).value_or(0);
      const std::string coding = is_aifc ? file.bytes(chunk.content_offset + 18, 4) : "";
      found.frame_bytes = channels * aiff_sample_bytes(coding, bits);
    }
    if (chunk.id != "SSND") return false;
    constexpr std::uint64_t kFieldBytes = 8;  // offset and block size, before the samples
    const std::uint64_t gap = file.big_endian(chunk.content_offset, 4).value_or(0);
    found.offset = chunk.content_offset + kFieldBytes + gap;
    if (!is_open_size(chunk.size_bytes) && chunk.size_bytes > kFieldBytes + gap) {
      found.announced_bytes = chunk.size_bytes - kFieldBytes - gap;
    }
    return found.frame_bytes != 0;  // COMM may follow
  });
  return found;
}

std::optional<SampleBytes> find_au_samples(ByteReader& file) {
  const bool is_big_endian = file.has(0, ".snd");
  if (!is_big_endian && !file.has(0, "dns.")) return std::nullopt;
  const auto field = [&](int index) {
    const std::uint64_t offset = static_cast<std::uint64_t>(index) * 4;
    return (is_big_endian ? file.big_endian(offset, 4) : file.little_endian(offset, 4)).value_or(0);
  };
  // By the code of the coding: mu-law, PCM of 8 to 32 bits, float, double; A-law is 27.
  constexpr std::array<std::uint64_t, 8> kSampleBytes{0, 1, 1, 2, 3, 4, 4, 8};
  const std::uint64_t coding = field(3);
  SampleBytes found{.offset = field(1), .announced_bytes = field(2), .frame_bytes = field(5)};
  found.frame_bytes *= coding == 27 ? 1 : coding < kSampleBytes.size() ? kSampleBytes[coding] : 0;
  if (is_open_size(*found.announced_bytes)) found.announced_bytes.reset();
  return found;
}

std::optional<SampleBytes> find_caf_samples(ByteReader& file) {
  if (!file.has(0, "caff")) return std::nullopt;
  SampleBytes found;
  const ChunkLayout layout{
      .first_chunk = 8, .size_bytes = 8, .big_endian = true, .alignment_bytes = 1};
  for_each_chunk(file, layout, [&](const Chunk& chunk) {
    if (chunk.id == "desc") {
      found.frame_bytes = file.big_endian(chunk.content_offset + 16, 4).value_or(0);
    }
    if (chunk.id != "data") return false;
    constexpr std::uint64_t kFieldBytes = 4;  // edit count, before the samples
    found.offset = chunk.content_offset + kFieldBytes;
    const bool is_open = chunk.size_bytes == ~std::uint64_t{0} || chunk.size_bytes < kFieldBytes;
    if (!is_open) found.announced_bytes = chunk.size_bytes - kFieldBytes;
    return true;
  });
  return found;
}

}  // namespace

std::optional<ContainerLength> read_container_length(const std::filesystem::path& path) {
  ByteReader file(path);
  for (const auto find :
       {find_wav_samples, find_w64_samples, find_aiff_samples, find_au_samples, find_caf_samples}) {
    const std::optional<SampleBytes> samples = find(file);
    if (!samples) continue;
    if (samples->offset == 0 || samples->frame_bytes == 0) return std::nullopt;
    ContainerLength length;
    if (samples->announced_bytes) {
      length.announced_frames = *samples->announced_bytes / samples->frame_bytes;
    }
    if (file.size_bytes() > samples->offset) {
      length.found_frames = (file.size_bytes() - samples->offset) / samples->frame_bytes;
    }
    return length;
  }
  return std::nullopt;
}

}  // namespace harpy
