#include "frontend/audio/sample_length.hpp"

#include <stdexcept>

namespace harpy {
namespace {

constexpr std::uint64_t kGreatestTrueExcess = 1'000'000'000;
/// So many unexplained bytes are not worth a word: tags and fillings of other programs.
constexpr std::uint64_t kSilentBytes = 4096;

/// Whether a length is one that programs write in place of an unknown one: the greatest signed or
/// unsigned numbers of 32 bits and a little below, all greater ones, or two thousand million.
bool is_usual_placeholder(std::uint64_t bytes) {
  return bytes == 0 || bytes == 2'000'000'000 || bytes >= 0x7FFF0000;
}

std::string count(std::uint64_t bytes, std::uint64_t frame_bytes) {
  return frame_bytes == 0 ? std::to_string(bytes) + " bytes"
                          : std::to_string(bytes / frame_bytes) + " samples";
}

/// The same without the unit, which was named before.
std::string bare_count(std::uint64_t bytes, std::uint64_t frame_bytes) {
  return std::to_string(frame_bytes == 0 ? bytes : bytes / frame_bytes);
}

}  // namespace

SampleLength decide_sample_length(const AnnouncedLength& length) {
  const std::uint64_t announced = length.announced_bytes;
  if (announced == 0 && length.unexplained_bytes > 0) return {length.held_bytes, ""};
  if (announced <= length.held_bytes) {
    if (length.unexplained_bytes <= kSilentBytes) return {announced, ""};
    return {announced, "its header announces " + count(announced, length.frame_bytes) + "; the " +
                           std::to_string(length.unexplained_bytes) +
                           " bytes behind them are not read"};
  }
  if (announced < kGreatestTrueExcess) {
    throw std::runtime_error("is truncated: its header announces " +
                             count(announced, length.frame_bytes) + ", it holds " +
                             bare_count(length.held_bytes, length.frame_bytes));
  }
  if (is_usual_placeholder(announced)) return {length.held_bytes, ""};
  return {length.held_bytes, "its header announces " + count(announced, length.frame_bytes) +
                                 ", which is taken for an unknown length; it is read to its end, " +
                                 count(length.held_bytes, length.frame_bytes)};
}

}  // namespace harpy
