#pragma once

#include <cstdint>
#include <string>

namespace harpy {

/// What the header of a container of plain samples says of their length, and what the file holds.
struct AnnouncedLength {
  std::uint64_t announced_bytes = 0;
  /// From the first sample to the end of the file.
  std::uint64_t held_bytes = 0;
  /// Behind the announced samples, and explained by nothing that the container may hold.
  std::uint64_t unexplained_bytes = 0;
  /// Of one sample of all channels; 0 if the coding has none of a fixed size.
  std::uint64_t frame_bytes = 0;
};

/// How many bytes of samples are read.
struct SampleLength {
  std::uint64_t bytes = 0;
  /// A message for the user about the file, without its name, which the caller puts before it;
  /// often empty.
  std::string note;
};

/// The one rule for all containers.
///
/// Programs that write to a pipe cannot know the length when they write the header. They leave it
/// 0, or put a number there that is greater than any recording; and files are cut off on their way.
/// In each case all samples that are there can be used. So
/// - a length of 0 with bytes behind it that nothing explains is not true;
/// - a length that is greater than the file is not true;
/// - any other length is true.
/// Where the length is not true the samples go to the end of the file. A note says so unless the
/// number is one that programs put there on purpose; another note tells of bytes that no chunk
/// explains and that are not read.
///
/// Errors: std::runtime_error, as the rest of a line, for a file that announces samples and holds
/// none.
SampleLength decide_sample_length(const AnnouncedLength& length);

}  // namespace harpy
