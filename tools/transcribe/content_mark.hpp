#pragma once

#include <filesystem>
#include <string>

namespace harpy::tools {

/// What tells whether a file, or the files of a folder, are still those of an earlier run on this
/// or another machine: a checksum of their names, sizes and last mebibytes. Harpy's own large files
/// end in a checksum of all that stands before. Times are left out, which copies do not keep. What
/// cannot be read counts as empty.
std::string content_mark(const std::filesystem::path& path);

}  // namespace harpy::tools
