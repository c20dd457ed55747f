#include "models/files/escaped_text.hpp"

#include "models/files/printed.hpp"
#include "models/files/utf8.hpp"

namespace harpy {

namespace {

unsigned char first_byte(std::string_view text) { return static_cast<unsigned char>(text[0]); }

/// Whether a character of three bytes ends a line or turns the direction of writing: U+2028 to
/// U+202E, U+200E, U+200F and U+2066 to U+2069.
bool is_separator_or_direction(unsigned code) {
  return (code >= 0x2028U && code <= 0x202EU) || code == 0x200EU || code == 0x200FU ||
         (code >= 0x2066U && code <= 0x2069U);
}

/// What is written for a control character, a separator of lines or a mark that turns the direction
/// of writing, by which a text can pass for another one; empty for all others.
std::string escaped_control(std::string_view character) {
  if (character == "\n") return "\\n";
  if (character == "\t") return "\\t";
  if (character == "\r") return "\\r";
  const unsigned first = first_byte(character);
  if (first < 0x20U || first == 0x7FU) return printed("\\x%02X", first);
  // U+0080 to U+009F.
  if (first == 0xC2U && first_byte(character.substr(1)) < 0xA0U) {
    return printed("\\u%04X", first_byte(character.substr(1)));
  }
  if (character == "\xD8\x9C") return "\\u061C";  // the Arabic letter mark
  if (character.size() != 3) return "";
  const unsigned code = (first & 0x0FU) << 12U | (first_byte(character.substr(1)) & 0x3FU) << 6U |
                        (first_byte(character.substr(2)) & 0x3FU);
  return is_separator_or_direction(code) ? printed("\\u%04X", code) : "";
}

std::string escape(std::string_view text, bool escapes_controls) {
  std::string escaped;
  while (!text.empty()) {
    const std::size_t size = first_character_bytes(text);
    if (size == 0) {
      escaped += printed("\\x%02X", first_byte(text));
      text.remove_prefix(1);
      continue;
    }
    const std::string_view character = text.substr(0, size);
    const std::string control = escapes_controls ? escaped_control(character) : "";
    escaped += control.empty() ? character : std::string_view(control);
    text.remove_prefix(size);
  }
  return escaped;
}

}  // namespace

std::string escape_invalid_utf8(std::string_view text) { return escape(text, false); }

std::string escape_for_line(std::string_view text) { return escape(text, true); }

}  // namespace harpy
