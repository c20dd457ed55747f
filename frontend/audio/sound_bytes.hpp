#pragma once

#include <cstdint>
#include <string>

namespace harpy {

/// What a decoder is given to read: a header, then a stretch of the file.
///
/// Containers of plain samples are given to the decoder with a header that is made new from their
/// essential chunks, with the true length. So chunks that no decoder needs cannot spoil a file.
struct SoundBytes {
  std::string header;       ///< empty: the stretch begins with its own
  std::uint64_t begin = 0;  ///< of the stretch
  std::uint64_t size_bytes = 0;
  /// A message for the user about the file, without its name, which the caller puts before it;
  /// often empty.
  std::string note;
  /// The name of the container, if the decoder sees another one; empty otherwise.
  std::string container;
};

}  // namespace harpy
