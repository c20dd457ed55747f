#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace harpy {

/// How much audio a file's header announces and how much follows it. libsndfile shortens a file
/// without a word when it is cut off, so AudioFile asks here first.
struct ContainerLength {
  /// Sample frames announced; absent if the header leaves it open, as programs do that write to a
  /// pipe.
  std::optional<std::uint64_t> announced_frames;
  /// Sample frames for which the file has bytes.
  std::uint64_t found_frames = 0;

  bool truncated() const { return announced_frames && found_frames < *announced_frames; }
};

/// Reads the chunks of a WAV, RF64, W64, AIFF, AU or CAF file with samples of constant size. Absent
/// for all other files and for those that libsndfile will refuse.
/// Errors: std::runtime_error naming the file if it cannot be read.
std::optional<ContainerLength> read_container_length(const std::filesystem::path& path);

}  // namespace harpy
