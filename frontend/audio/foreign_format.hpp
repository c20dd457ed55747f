#pragma once

#include <string>

#include "frontend/audio/byte_file.hpp"

namespace harpy {

/// What a file is that Harpy does not read, told by its first bytes, such as "an M4A file (MPEG-4
/// audio)"; empty if it is none of the known ones.
std::string foreign_format_name(ByteFile& file);

/// How to make a file that Harpy reads from another: "convert it with: ffmpeg -i a.m4a a.wav".
std::string conversion_advice(const std::string& path);

}  // namespace harpy
