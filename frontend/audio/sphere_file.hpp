#pragma once

#include <optional>

#include "frontend/audio/byte_file.hpp"
#include "frontend/audio/sound_bytes.hpp"

namespace harpy {

/// Finds the samples of a NIST SPHERE file, the form of speech corpora such as TIMIT: PCM of 8 to
/// 32 bits in either byte order, mu-law or A-law. Nothing is returned for other files.
/// Errors: std::runtime_error naming the file and the field of its header that is missing or cannot
/// be used, such as the coding of a compressed one, or if it has fewer samples than it announces.
std::optional<SoundBytes> find_sphere_samples(ByteFile& file);

}  // namespace harpy
