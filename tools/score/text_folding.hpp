#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace harpy::tools {

/// A text in one form: composed characters (Unicode's NFC), letters without case (full case
/// folding: "ß" becomes "ss"), without characters that cannot be seen, such as soft hyphens and
/// byte order marks. Errors: std::runtime_error if it is not UTF-8.
std::string fold_text(std::string_view text);

/// What a character is to a comparison of texts.
enum class CharacterKind {
  kWord,   ///< part of a word: letters, marks, digits
  kSpace,  ///< spaces of all kinds, ends of lines and other control characters
  kSign,   ///< everything else: punctuation, symbols
};

/// A character (code point) and the bytes that it takes.
struct Character {
  std::string_view bytes;
  CharacterKind kind = CharacterKind::kSign;
};

/// The character at the beginning of a text that is not empty and is UTF-8.
Character first_character(std::string_view text);

}  // namespace harpy::tools
