#pragma once

#include "frontend/audio/byte_file.hpp"

namespace harpy {

/// Checks that an Ogg file consists of whole pages with their checksums, has samples and is not
/// several streams end to end: libsndfile drops what it cannot use without a word. Other files
/// pass. Cost: reads the whole file, about 0.4 GB a second.
/// Errors: std::runtime_error naming the file and what is wrong with it.
void check_ogg_pages(ByteFile& file);

/// What a file says of its length.
enum class Mp3Length {
  kNotMp3,
  kExact,  ///< its first frame has it (the Xing or Info header)
  kOpen,   ///< it can only be guessed, and libsndfile stops at its guess
};

/// Tells how an MP3 file states its length. If it has more frames than it says, as files do that
/// were joined end to end, the statement is replaced in `file` by nothing.
/// Errors: std::runtime_error naming the file if it has fewer bytes than it says, or joins streams
/// of different sample rates.
Mp3Length check_mp3_length(ByteFile& file);

}  // namespace harpy
