#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "models/files/checksum.hpp"
#include "models/files/replacement_file.hpp"

namespace harpy {

/// Writes a binary file whose last eight bytes are the checksum of all bytes before them. Numbers
/// are written in the byte order of the machine, so such files are not carried to other machines.
class CheckedFileWriter {
 public:
  /// Errors of this and the other methods: as ReplacementFile.
  explicit CheckedFileWriter(const std::filesystem::path& path) : file_(path) {}

  void write(const void* data, std::size_t size_bytes);
  /// Appends the checksum and puts the finished file in its place.
  void commit();

 private:
  ReplacementFile file_;
  Checksum checksum_;
};

/// Reads a file that CheckedFileWriter wrote.
class CheckedFileReader {
 public:
  /// A file that is not there, or cannot be opened, is one from which nothing can be read.
  explicit CheckedFileReader(const std::filesystem::path& path);

  /// Reads the next bytes; false if the file has fewer left or cannot be read.
  bool read(void* data, std::size_t size_bytes);
  /// Whether only the checksum is left and it fits what was read.
  bool finish();
  /// How many bytes are not yet read. No count that stands in the file can be true if it needs
  /// more.
  std::uint64_t left_bytes() const { return left_bytes_; }

 private:
  std::ifstream stream_;
  std::uint64_t left_bytes_ = 0;
  Checksum checksum_;
};

}  // namespace harpy
