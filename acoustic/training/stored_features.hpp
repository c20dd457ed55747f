#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "acoustic/training/half.hpp"

namespace harpy {

/// The features of a recording, row-major [frames, dim], at half precision: in memory, or in a
/// mapped file that only the recordings in use are read from. A view: what holds them must outlive
/// it.
class StoredFeatures {
 public:
  StoredFeatures() = default;
  /// Those in memory.
  explicit StoredFeatures(std::span<const Half> values) : values_(values) {}
  /// Those of a mapped file, with their checksum (checksum_of) and the file's name for errors.
  StoredFeatures(std::span<const Half> values, std::uint64_t checksum,
                 const std::filesystem::path& file)
      : values_(values), checksum_(checksum), file_(&file) {}

  /// Of the values, which nothing has to be read for.
  std::size_t size() const { return values_.size(); }
  /// The values. Those of a file are read now and compared with their checksum, which costs a tenth
  /// of a millisecond for ten seconds of speech in the system's memory. Errors: std::runtime_error
  /// naming the file if they are damaged.
  std::span<const Half> values() const;

 private:
  std::span<const Half> values_;
  std::uint64_t checksum_ = 0;
  const std::filesystem::path* file_ = nullptr;  ///< null: in memory
};

}  // namespace harpy
