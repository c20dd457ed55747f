#include "frontend/audio/packet_length.hpp"

#include <array>
#include <optional>
#include <stdexcept>
#include <string>

namespace harpy {
namespace {

// The header of an Ogg page (RFC 3533).
constexpr std::size_t kOggHeaderBytes = 27;
constexpr std::size_t kPositionBytes = 8;
constexpr std::size_t kChecksumOffset = 22;
constexpr std::size_t kMostSegments = 255;
constexpr char kBeginsStream = 2;

constexpr std::uint64_t kId3HeaderBytes = 10;

// Flags of the Xing header, and the bits of a frame's header that must agree within a stream.
constexpr std::uint64_t kHasFrameCount = 1;
constexpr std::uint64_t kHasByteCount = 2;
constexpr std::uint64_t kVersionAndRate = 0x180C00;

/// A page of an Ogg stream.
struct OggPage {
  std::string bytes;
  bool begins_stream = false;
  bool ends_samples = false;  ///< whether a packet with samples ends in it
};

/// The page at `offset`; absent if there is something else. One that the file cuts off has no
/// bytes.
std::optional<OggPage> read_ogg_page(ByteFile& file, std::uint64_t offset) {
  const std::string header = file.read(offset, kOggHeaderBytes + kMostSegments);
  if (!header.starts_with("OggS")) return std::nullopt;
  OggPage page;
  if (header.size() < kOggHeaderBytes) return page;
  page.begins_stream = (header[5] & kBeginsStream) != 0;
  // The number of samples so far; of header pages 0, of pages in which no packet ends -1.
  std::int64_t position = 0;
  for (std::size_t i = kPositionBytes; i-- > 0;) {
    position = position << 8 | static_cast<unsigned char>(header[6 + i]);
  }
  page.ends_samples = position > 0;
  const auto segment_count = static_cast<unsigned char>(header[kOggHeaderBytes - 1]);
  if (header.size() < kOggHeaderBytes + segment_count) return page;
  std::size_t size = kOggHeaderBytes + segment_count;
  for (const char segment : header.substr(kOggHeaderBytes, segment_count)) {
    size += static_cast<unsigned char>(segment);
  }
  page.bytes = file.read(offset, size);
  if (page.bytes.size() < size) page.bytes.clear();
  return page;
}

/// Whether a page has the checksum that it says: a cyclic redundancy check with the polynomial
/// 0x04C11DB7, most significant bit first, of the page with zeros in place of the checksum.
bool has_its_checksum(const std::string& page) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> values;
    for (std::uint32_t i = 0; i < values.size(); ++i) {
      values[i] = i << 24;
      for (int bit = 0; bit < 8; ++bit) {
        values[i] = values[i] << 1 ^ ((values[i] >> 31) * 0x04C11DB7U);
      }
    }
    return values;
  }();
  std::uint32_t checksum = 0;
  std::uint32_t expected = 0;
  for (std::size_t i = 0; i < page.size(); ++i) {
    std::uint32_t byte = static_cast<unsigned char>(page[i]);
    if (i >= kChecksumOffset && i < kChecksumOffset + 4) {
      expected |= byte << (8 * (i - kChecksumOffset));
      byte = 0;
    }
    checksum = checksum << 8 ^ table[checksum >> 24 ^ byte];
  }
  return checksum == expected;
}

/// Bytes of the ID3v2 tag at `offset`, 0 if there is none.
std::uint64_t id3_tag_bytes(ByteFile& file, std::uint64_t offset) {
  const std::string header = file.read(offset, kId3HeaderBytes);
  if (header.size() < kId3HeaderBytes || !header.starts_with("ID3")) return 0;
  std::uint64_t size = 0;
  for (const char byte : header.substr(6))
    size = size << 7 | (static_cast<unsigned char>(byte) & 0x7F);
  return size + kId3HeaderBytes;
}

/// Whether `header` may begin an MPEG audio frame of layer III.
bool is_mp3_frame(std::uint64_t header) {
  const bool is_sync = header >> 21 == 0x7FF;
  const std::uint64_t version = header >> 19 & 3;
  const std::uint64_t layer = header >> 17 & 3;
  const std::uint64_t bit_rate = header >> 12 & 15;
  const std::uint64_t sample_rate = header >> 10 & 3;
  return is_sync && version != 1 && layer == 1 && bit_rate != 15 && sample_rate != 3;
}

/// Where the Xing or Info header lies in the frame at `offset`; absent if it has none. It follows
/// the side information, whose length depends on version and channels.
std::optional<std::uint64_t> find_xing(ByteFile& file, std::uint64_t offset) {
  for (const std::uint64_t side_bytes : {9, 17, 32}) {
    const std::uint64_t place = offset + 4 + side_bytes;
    if (file.has(place, "Xing") || file.has(place, "Info")) return place;
  }
  return std::nullopt;
}

}  // namespace

void check_ogg_pages(ByteFile& file) {
  if (!file.has(0, "OggS")) return;
  std::uint64_t offset = 0;
  bool in_stream = false;
  bool has_samples = false;
  for (auto page = read_ogg_page(file, 0); page; page = read_ogg_page(file, offset)) {
    if (page->bytes.empty()) {
      throw std::runtime_error(file.name() +
                               ": is truncated: the file ends inside a page of its Ogg stream");
    }
    if (!has_its_checksum(page->bytes)) {
      throw std::runtime_error(file.name() + ": is damaged: the Ogg page at byte " +
                               std::to_string(offset) + " has a wrong checksum");
    }
    if (page->begins_stream && in_stream) {
      throw std::runtime_error(
          file.name() + ": joins several Ogg streams end to end, of which only the first is read");
    }
    in_stream = !page->begins_stream;
    has_samples = has_samples || page->ends_samples;
    offset += page->bytes.size();
  }
  if (!has_samples) {
    throw std::runtime_error(file.name() + ": is truncated: it ends before its samples");
  }
}

Mp3Length check_mp3_length(ByteFile& file) {
  const std::uint64_t first_frame = id3_tag_bytes(file, 0);
  const std::uint64_t first_header = file.big_endian(first_frame, 4).value_or(0);
  if (!is_mp3_frame(first_header)) return Mp3Length::kNotMp3;
  const auto xing = find_xing(file, first_frame);
  if (!xing) return Mp3Length::kOpen;
  const std::uint64_t flags = file.big_endian(*xing + 4, 4).value_or(0);
  if ((flags & kHasFrameCount) == 0) return Mp3Length::kOpen;
  if ((flags & kHasByteCount) == 0) return Mp3Length::kExact;
  const std::uint64_t announced_bytes = file.big_endian(*xing + 12, 4).value_or(0);
  // Some encoders count the tag in front of the first frame.
  if (announced_bytes > file.size_bytes()) {
    throw std::runtime_error(file.name() + ": is truncated: its header announces " +
                             std::to_string(announced_bytes) + " bytes of MP3, it holds " +
                             std::to_string(file.size_bytes() - first_frame));
  }
  const std::uint64_t end = first_frame + announced_bytes;
  const std::uint64_t next_header = file.big_endian(end + id3_tag_bytes(file, end), 4).value_or(0);
  if (!is_mp3_frame(next_header)) return Mp3Length::kExact;
  if ((first_header & kVersionAndRate) != (next_header & kVersionAndRate)) {
    throw std::runtime_error(file.name() + ": joins MP3 streams of different sample rates");
  }
  file.replace(*xing, std::string(4, '\0'));
  return Mp3Length::kOpen;
}

}  // namespace harpy
