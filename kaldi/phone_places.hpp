#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>

namespace harpy::kaldi {

/// Where phones stand in words: the flags of ListedInput; nothing: between words.
using PhonePlaces = std::map<std::int32_t, std::optional<std::uint32_t>>;

/// Reads word_boundary.int. Errors: std::runtime_error naming file and line.
PhonePlaces read_phone_places(const std::filesystem::path& path);

}  // namespace harpy::kaldi
