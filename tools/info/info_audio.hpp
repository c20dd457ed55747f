#pragma once

#include <filesystem>

#include "tools/info/info_report.hpp"

namespace harpy::tools {

/// What an audio file holds: format, duration, levels, clipping, the band that is in use. Reads all
/// of it. Errors: as AudioFile.
InfoReport describe_audio(const std::filesystem::path& path);

}  // namespace harpy::tools
