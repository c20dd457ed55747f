#pragma once

#include <string>
#include <string_view>

namespace harpy {

/// A text of any bytes, such as a file's name, as UTF-8: a byte that is none is written as the four
/// characters "\xE9", everything else stays as it is. What JSON holds must be UTF-8.
std::string escape_invalid_utf8(std::string_view text);

/// A text of any bytes as part of one line of output: besides bytes that are not UTF-8, characters
/// that end a line, direct a terminal or turn the direction of writing are written as "\n", "\t",
/// "\r", "\x1B", "\u2028" or "\u202E".
std::string escape_for_line(std::string_view text);

}  // namespace harpy
