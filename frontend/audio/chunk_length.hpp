#pragma once

#include "frontend/audio/byte_file.hpp"

namespace harpy {

/// Compares how many samples a WAV, RF64, W64, AIFF, AU or CAF file announces with how many it
/// holds. libsndfile shortens a file that is cut off without a word, and finds no samples in some
/// files that were written to a pipe, where their length had to be left open: there the field is
/// replaced in `file` by what it holds. Other files, and those that libsndfile will refuse, pass.
/// Errors: std::runtime_error naming the file and both counts if samples are missing.
void check_chunk_length(ByteFile& file);

}  // namespace harpy
