#pragma once

#include <filesystem>

#include "tools/info/info_report.hpp"

namespace harpy::tools {

/// What a model package is made of: its names, features, network layer by layer, graph and files
/// with checksums. The graph may be missing, as in a package that has just been trained.
/// Errors: std::runtime_error naming the file that is missing, damaged or does not fit.
InfoReport describe_model(const std::filesystem::path& directory);

}  // namespace harpy::tools
