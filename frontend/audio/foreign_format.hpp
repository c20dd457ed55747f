#pragma once

#include <string>

#include "frontend/audio/byte_file.hpp"

namespace harpy {

/// Why a file cannot be read that its first bytes show to be of another kind, as the rest of a line
/// that its name begins: "is an M4A file (MPEG-4 audio), which is not supported; convert it with:
/// ffmpeg -i a.m4a a.wav". Empty if it is none of the known kinds.
std::string describe_foreign_format(ByteFile& file);

/// How to make a file that Harpy reads from another: "convert it with: ffmpeg -i a.m4a a.wav".
std::string conversion_advice(const std::string& path);

}  // namespace harpy
