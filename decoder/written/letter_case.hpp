#pragma once

#include <string>
#include <string_view>

namespace harpy {

/// A text (UTF-8) with every letter small, by Unicode's simple mapping. Bytes that are not UTF-8
/// stay as they are.
std::string lower_case(std::string_view text);

/// A text with its first letter large, unless a figure stands before it.
std::string capitalised(std::string_view text);

}  // namespace harpy
