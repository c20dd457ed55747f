#pragma once

#include <cstddef>
#include <string_view>

namespace harpy {

/// How many bytes of a text are UTF-8, counted from its beginning: all of them, or those before the
/// first byte that is none. Overlong forms, halves of surrogate pairs and numbers beyond U+10FFFF
/// are none.
std::size_t valid_utf8_bytes(std::string_view text);

/// Characters (code points) of a text that is UTF-8.
std::size_t count_characters(std::string_view text);

/// Bytes of the character that a text begins with; 0 if it is empty or begins with something else.
std::size_t first_character_bytes(std::string_view text);

/// Where the first character stands that looks like a space or like nothing but is no blank of a
/// text file: a no-break space, the spaces of typography, a byte order mark. npos: nowhere. The
/// text must be UTF-8.
std::size_t find_odd_space(std::string_view text);

}  // namespace harpy
