#include "decoder/written/letter_case.hpp"

#include <array>

#include <utf8proc.h>

#include "models/files/utf8.hpp"

namespace harpy {

namespace {

/// Takes the first character off a text and appends it as `change` maps it.
template <typename Change>
void append_mapped(std::string_view& text, std::string& result, Change change) {
  const std::size_t size = first_character_bytes(text);
  if (size == 0) {
    result += text.front();
    text.remove_prefix(1);
    return;
  }
  utf8proc_int32_t character = 0;
  utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(size), &character);
  const utf8proc_int32_t mapped = change(character);
  std::array<utf8proc_uint8_t, 4> bytes{};
  const utf8proc_ssize_t length = utf8proc_encode_char(mapped, bytes.data());
  result.append(bytes.begin(), bytes.begin() + length);
  text.remove_prefix(size);
}

/// Whether a text begins with a letter or a figure.
bool begins_word(std::string_view text) {
  utf8proc_int32_t character = 0;
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  if (utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), size, &character) <=
      0) {
    return false;
  }
  const utf8proc_category_t category = utf8proc_category(character);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result;
  while (!text.empty()) append_mapped(text, result, utf8proc_tolower);
  return result;
}

std::string capitalised(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const bool is_first = begins_word(text);
    append_mapped(text, result, [&](utf8proc_int32_t character) {
      return is_first ? utf8proc_totitle(character) : character;
    });
    if (is_first) break;
  }
  return result.append(text);
}

}  // namespace harpy
