#pragma once

#include "frontend/audio/byte_file.hpp"
#include "frontend/audio/sound_bytes.hpp"

namespace harpy {

/// The FLAC stream that begins with "fLaC" at `begin`, without a tag behind it, which the decoder
/// would take for a damaged frame. Checks that a stream whose header leaves its length open, as one
/// from a pipe does, ends with a whole frame: the decoder drops a frame that is cut off without a
/// word. Other streams pass, because their samples are counted.
/// Errors: std::runtime_error naming the file.
SoundBytes find_flac_stream(ByteFile& file, std::uint64_t begin);

}  // namespace harpy
