#include "frontend/audio/sample_length.hpp"

#include <stdexcept>

namespace harpy {
namespace {

/// So many unexplained bytes are not worth a word: tags and fillings of other programs.
constexpr std::uint64_t kSilentBytes = 4096;

/// Whether a length is one that programs write in place of an unknown one: two thousand million,
/// or from sixteen million below the greatest signed number of 32 bits on.
bool is_usual_placeholder(std::uint64_t bytes) {
  return bytes == 2'000'000'000 || bytes >= 0x7F000000;
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
  if (length.held_bytes == 0) throw std::runtime_error("is truncated: it ends before its samples");
  if (is_usual_placeholder(announced)) return {length.held_bytes, ""};
  return {length.held_bytes,
          "is cut off, or its length was never filled in: its header announces " +
              count(announced, length.frame_bytes) + ", the " +
              bare_count(length.held_bytes, length.frame_bytes) + " that it holds are read"};
}

}  // namespace harpy
