// Where the frames of an MP3 file begin. Files from recorders and portals begin with tags, pictures
// and fillings whose announced lengths are often wrong.
#include <algorithm>
#include <array>
#include <string>

#include "frontend/audio/sound_decoder.hpp"

namespace harpy {
namespace {

constexpr std::uint64_t kId3HeaderBytes = 10;
constexpr unsigned kId3FooterFlag = 0x10;
/// How far behind the tags the first frame is looked for.
constexpr std::uint64_t kSyncSearchBytes = 1 << 20;
/// So many frames must follow one another.
constexpr int kLinkedFrames = 4;
/// At the end of a file, so many bytes hold the last frames and tags of usual length behind them.
constexpr std::uint64_t kTailBytes = 1 << 16;
/// The bits of a frame's header that stay the same through a stream: synchronisation, version,
/// layer and sample rate.
constexpr std::uint64_t kConstantBits = 0xFFFE0C00;

/// In thousands of bits a second, by the code in the header; MPEG-1 and the later versions.
constexpr std::array<std::array<std::uint64_t, 16>, 2> kBitRates{
    {{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0},
     {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0}}};
constexpr std::array<std::uint64_t, 4> kMpeg1RatesHz{44100, 48000, 32000, 0};

/// Bytes of the frame that a header of layer III begins; 0 if it is no such header.
std::uint64_t frame_bytes(std::uint64_t header) {
  const std::uint64_t version = header >> 19 & 3;  // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  const std::uint64_t layer = header >> 17 & 3;    // 1: layer III
  if (header >> 21 != 0x7FF || version == 1 || layer != 1) return 0;
  const bool is_mpeg1 = version == 3;
  const std::uint64_t rate_hz = kMpeg1RatesHz[header >> 10 & 3] >> (is_mpeg1       ? 0U
                                                                    : version == 2 ? 1U
                                                                                   : 2U);
  const std::uint64_t bit_rate = 1000 * kBitRates[is_mpeg1 ? 0 : 1][header >> 12 & 15];
  if (rate_hz == 0 || bit_rate == 0) return 0;
  const std::uint64_t padding = header >> 9 & 1;
  return (is_mpeg1 ? 144 : 72) * bit_rate / rate_hz + padding;
}

/// Whether several frames follow one another from `offset` on, or all up to the end of the file.
bool has_linked_frames(ByteFile& file, std::uint64_t offset, std::uint64_t header) {
  const std::uint64_t first_header = header;
  for (int i = 0; i < kLinkedFrames; ++i) {
    const std::uint64_t size = frame_bytes(header);
    if (size == 0 || ((header ^ first_header) & kConstantBits) != 0) return false;
    offset += size;
    const auto next = file.big_endian(offset, 4);
    // A file of fewer frames ends with one, perhaps with a tag behind it.
    if (!next || file.has(offset, "TAG")) return i > 0 || offset <= file.size_bytes();
    header = *next;
  }
  return true;
}

}  // namespace

std::uint64_t id3_tags_end(ByteFile& file) {
  std::uint64_t end = 0;
  for (;;) {
    const std::string header = file.read(end, kId3HeaderBytes);
    if (header.size() < kId3HeaderBytes || !header.starts_with("ID3")) return end;
    std::uint64_t size = 0;
    for (const char byte : header.substr(6)) {
      size = size << 7 | (static_cast<unsigned char>(byte) & 0x7FU);
    }
    const bool has_footer = (static_cast<unsigned char>(header[5]) & kId3FooterFlag) != 0;
    end += size + kId3HeaderBytes + (has_footer ? kId3HeaderBytes : 0);
  }
}

std::optional<std::uint64_t> find_mp3_frames(ByteFile& file, std::uint64_t begin) {
  const std::string searched =
      file.read(begin, static_cast<std::size_t>(std::min(kSyncSearchBytes, file.size_bytes())));
  for (std::size_t i = searched.find('\xFF'); i != std::string::npos && i + 4 <= searched.size();
       i = searched.find('\xFF', i + 1)) {
    std::uint64_t header = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      header = header << 8 | static_cast<unsigned char>(searched[i + k]);
    }
    if (has_linked_frames(file, begin + i, header)) return begin + i;
  }
  return {};
}

std::uint64_t unfinished_mp3_bytes(ByteFile& file, std::uint64_t first_frame) {
  const std::uint64_t end = file.size_bytes();
  const std::uint64_t first_header = file.big_endian(first_frame, 4).value_or(0);
  const std::uint64_t tail = std::max(first_frame, end - std::min(end, kTailBytes));
  const auto frame = find_mp3_frames(file, tail);
  if (!frame) return 0;
  std::uint64_t offset = *frame;
  while (const auto header = file.big_endian(offset, 4)) {
    const bool is_of_stream = ((*header ^ first_header) & kConstantBits) == 0;
    const std::uint64_t size = is_of_stream ? frame_bytes(*header) : 0;
    if (size == 0) return 0;
    if (offset + size > end) return end - offset;
    offset += size;
  }
  return 0;
}

}  // namespace harpy
