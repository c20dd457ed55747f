#include "frontend/audio/flac_tail.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace harpy {
namespace {

// STREAMINFO follows "fLaC" and its own header of four bytes.
constexpr std::uint64_t kMostFrameBytesOffset = 8 + 7;
constexpr std::uint64_t kSampleCountOffset = 8 + 13;
/// The frames of a file that does not say how long they are: 65,535 samples of 8 channels.
constexpr std::uint64_t kLongestFrameBytes = 1 << 21;
constexpr std::uint64_t kId3v1Bytes = 128;

/// The frame check sequence of FLAC: a cyclic redundancy check with the polynomial 0x8005. Over a
/// frame with its check sequence it is 0.
std::uint16_t check_sequence(std::string_view bytes) {
  static const std::array<std::uint16_t, 256> kTable = [] {
    std::array<std::uint16_t, 256> values{};
    for (unsigned i = 0; i < values.size(); ++i) {
      unsigned value = i << 8U;
      for (int bit = 0; bit < 8; ++bit) {
        value = (value << 1U) ^ ((value & 0x8000U) != 0 ? 0x8005U : 0U);
      }
      values[i] = static_cast<std::uint16_t>(value);
    }
    return values;
  }();
  std::uint16_t sum = 0;
  for (const char byte : bytes) {
    const auto index = static_cast<std::size_t>((sum >> 8U) ^ static_cast<unsigned char>(byte));
    sum = static_cast<std::uint16_t>((sum << 8U) ^ kTable[index & 0xFF]);
  }
  return sum;
}

/// Whether a frame may begin here: 14 bits of synchronisation and a reserved one.
bool may_begin_frame(std::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\xFF' &&
         (static_cast<unsigned char>(bytes[1]) & 0xFEU) == 0xF8U;
}

}  // namespace

SoundBytes find_flac_stream(ByteFile& file, std::uint64_t begin) {
  std::uint64_t end = file.size_bytes();
  if (end > kId3v1Bytes && file.has(end - kId3v1Bytes, "TAG")) end -= kId3v1Bytes;
  SoundBytes stream{.header = "",
                    .begin = begin,
                    .size_bytes = end - std::min(begin, end),
                    .note = "",
                    .container = ""};
  const std::uint64_t sample_count =
      file.big_endian(begin + kSampleCountOffset, 5).value_or(1) & 0xF'FFFF'FFFFU;
  if (sample_count != 0) return stream;
  const std::uint64_t announced = file.big_endian(begin + kMostFrameBytesOffset, 3).value_or(0);
  const std::uint64_t most_bytes =
      std::min(announced == 0 ? kLongestFrameBytes : announced, stream.size_bytes);
  const std::string tail = file.read(end - most_bytes, static_cast<std::size_t>(most_bytes));
  for (std::size_t size = 2; size <= tail.size(); ++size) {
    const std::string_view frame = std::string_view(tail).substr(tail.size() - size);
    if (may_begin_frame(frame) && check_sequence(frame) == 0) return stream;
  }
  throw std::runtime_error(file.name() +
                           ": is truncated: the file ends inside a frame of its FLAC stream");
}

}  // namespace harpy
