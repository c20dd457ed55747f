#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>

struct XXH3_state_s;

namespace harpy {

/// XXH3 of bytes that come in pieces.
class Checksum {
 public:
  Checksum();
  ~Checksum();

  void add(const void* data, std::size_t size_bytes);
  std::uint64_t value() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

/// Writes a binary file that ends in the XXH3 of all before, beside its place and then by rename
/// into it. Numbers are in the byte order of the machine: such files do not travel.
class CheckedFileWriter {
 public:
  /// Errors: std::runtime_error naming the file, as for the other methods.
  explicit CheckedFileWriter(const std::filesystem::path& path);

  void write(const void* data, std::size_t size_bytes);
  /// Puts the finished file in its place.
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path partial_path_;
  std::ofstream stream_;
  Checksum checksum_;
};

/// Reads such a file.
class CheckedFileReader {
 public:
  explicit CheckedFileReader(const std::filesystem::path& path);

  /// False if the file has not so many bytes left or cannot be read.
  bool read(void* data, std::size_t size_bytes);
  /// Whether the checksum follows, is right, and nothing after it.
  bool finish();
  /// Bytes not yet read: a bound for counts found in the file.
  std::uint64_t left_bytes() const { return left_bytes_; }

 private:
  std::ifstream stream_;
  std::uint64_t left_bytes_ = 0;
  Checksum checksum_;
};

}  // namespace harpy
