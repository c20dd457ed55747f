#pragma once

#include "frontend/byte_file.hpp"

namespace harpy {

/// Checks that an Ogg file does not end inside a page and is not several streams end to end:
/// libsndfile drops the rest without a word. Other files pass.
/// Errors: std::runtime_error naming the file if it is either.
void check_ogg_length(ByteFile& file);

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
