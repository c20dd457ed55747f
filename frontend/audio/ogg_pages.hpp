#pragma once

#include <vector>

#include "frontend/audio/byte_file.hpp"
#include "frontend/audio/sound_bytes.hpp"

namespace harpy {

/// The streams of an Ogg file, which are joined by appending one to the other; most files have one.
/// Streams without samples are left out. Empty for other files. Whether the pages are whole and
/// have their checksums is checked here (libogg), because the decoder drops what it cannot use
/// without a word. Cost: reads the whole file.
/// Errors: std::runtime_error naming the file and the byte where a page is damaged or cut off, or
/// if there are no samples.
std::vector<SoundBytes> find_ogg_streams(ByteFile& file);

}  // namespace harpy
