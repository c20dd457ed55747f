#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace harpy {

/// What stands between the fields of a line and between the words of a sentence: space, tab, CR,
/// LF, VT and FF.
inline constexpr std::string_view kBlanks = " \t\r\n\v\f";

/// Takes the next field off the front of `text`; empty at the end.
std::string_view take_word(std::string_view& text);

/// All fields of a line.
std::vector<std::string_view> split_fields(std::string_view line);

/// A text without the blanks at its ends.
std::string_view trim(std::string_view text);

/// The whole of a field as a number, which may have a plus sign; nothing for other fields. Infinity
/// is a number, NaN is not.
std::optional<std::int32_t> parse_int32(std::string_view field);
std::optional<std::uint64_t> parse_uint64(std::string_view field);
std::optional<float> parse_float(std::string_view field);
std::optional<double> parse_double(std::string_view field);

}  // namespace harpy
