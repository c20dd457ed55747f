#pragma once

#include <filesystem>

#include "tools/info/info_report.hpp"

namespace harpy::tools {

/// What a mapped n-gram file (docs/formats.md) holds: order, words and n-grams. Checks all of it.
/// Errors: as MappedNgramModel.
InfoReport describe_ngram(const std::filesystem::path& path);

}  // namespace harpy::tools
