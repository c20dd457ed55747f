#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace harpy {

/// The bytes of a text in base64 (RFC 4648, section 4), with or without its padding; nothing if it
/// is none.
std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace harpy
