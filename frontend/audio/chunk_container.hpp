#pragma once

#include <optional>

#include "frontend/audio/byte_file.hpp"
#include "frontend/audio/sound_bytes.hpp"

namespace harpy {

/// Finds the samples of a WAV, RF64, BW64, W64, AIFF, AU or CAF file. Chunks that are not needed
/// are passed over, readable or not. Nothing is returned for other files.
/// Errors: std::runtime_error naming the file if it has no samples or fewer than it announces.
std::optional<SoundBytes> find_chunk_samples(ByteFile& file);

}  // namespace harpy
