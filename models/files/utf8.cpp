#include "models/files/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace harpy {

namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080U;

}  // namespace

std::size_t first_character_bytes(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80U) return 1;
  std::size_t size = 0;
  if (first >= 0xC2U && first < 0xE0U) size = 2;
  if (first >= 0xE0U && first < 0xF0U) size = 3;
  if (first >= 0xF0U && first < 0xF5U) size = 4;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const bool is_overlong =
      (first == 0xE0U && byte(1) < 0xA0U) || (first == 0xF0U && byte(1) < 0x90U);
  const bool is_surrogate = first == 0xEDU && byte(1) >= 0xA0U;
  const bool is_too_great = first == 0xF4U && byte(1) >= 0x90U;
  return is_overlong || is_surrogate || is_too_great ? 0 : size;
}

std::size_t valid_utf8_bytes(std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    std::uint64_t block = 0;
    if (text.size() - done >= sizeof(block)) {
      std::memcpy(&block, text.data() + done, sizeof(block));
      if ((block & kHighBits) == 0) {
        done += sizeof(block);
        continue;
      }
    }
    const std::size_t size = first_character_bytes(text.substr(done));
    if (size == 0) return done;
    done += size;
  }
  return done;
}

std::size_t find_odd_space(std::string_view text) {
  constexpr std::string_view kOddSpaces[] = {
      "\xC2\xA0",      // U+00A0, no-break space
      "\xE1\x9A\x80",  // U+1680
      "\xE2\x80\xA8",  // U+2028
      "\xE2\x80\xA9",  // U+2029
      "\xE2\x80\xAF",  // U+202F, narrow no-break space
      "\xE2\x81\x9F",  // U+205F
      "\xE3\x80\x80",  // U+3000, ideographic space
      "\xEF\xBB\xBF"   // U+FEFF, byte order mark
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < 0x80U) continue;
    const std::string_view rest = text.substr(i);
    for (const std::string_view space : kOddSpaces) {
      if (rest.starts_with(space)) return i;
    }
    // U+2000 to U+200B.
    if (rest.size() >= 3 && rest.starts_with("\xE2\x80") && rest[2] <= '\x8B') return i;
  }
  return std::string_view::npos;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace harpy
