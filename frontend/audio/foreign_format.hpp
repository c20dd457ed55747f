#pragma once

#include <stdexcept>
#include <string>

#include "frontend/audio/byte_file.hpp"

namespace harpy {

/// A file holds sound in a form that Harpy does not read and ffmpeg does. The message is one line
/// that names the file and what it is, and says how to convert it.
class UnsupportedAudio : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Refuses a file that its first bytes show to be of another kind than those that Harpy reads.
/// Errors: UnsupportedAudio, "a.m4a: is an M4A file (MPEG-4 audio), which is not supported; convert
/// it with: ffmpeg -i a.m4a a.wav"; std::runtime_error for archives and for notes.
void refuse_foreign_format(ByteFile& file);

/// How to make a file that Harpy reads from another: "convert it with: ffmpeg -i a.m4a a.wav".
std::string conversion_advice(const std::string& path);

/// Errors: always UnsupportedAudio, "FILE: SUBJECT is not supported; convert it with: ...".
[[noreturn]] void refuse_unsupported(const ByteFile& file, const std::string& subject);

}  // namespace harpy
