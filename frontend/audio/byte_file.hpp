#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace harpy {

/// The bytes of a file at given places.
class ByteFile {
 public:
  /// Errors: std::runtime_error naming the file and why it cannot be read: missing, a folder, no
  /// regular file, empty, permission.
  explicit ByteFile(const std::filesystem::path& path);
  /// The bytes of an open file, which this object closes; `name` stands for it in messages.
  /// Errors: std::runtime_error naming it if it is empty or cannot be read.
  ByteFile(int descriptor, std::string name);

  /// The path or another name, for messages.
  const std::string& name() const { return name_; }
  std::uint64_t size_bytes() const { return size_bytes_; }
  /// The open file, for another process; this object closes it.
  int descriptor() const { return fileno(file_.get()); }

  /// Fills `output` from `offset` on; returns how many bytes there were.
  std::size_t read(std::uint64_t offset, std::span<char> output);
  /// The `count` bytes from `offset` on; fewer at the end of the file.
  std::string read(std::uint64_t offset, std::size_t count);

  /// Whether `text` stands at `offset`.
  bool has(std::uint64_t offset, std::string_view text);
  /// An unsigned number of `count` bytes, at most 8; absent beyond the end of the file.
  std::optional<std::uint64_t> little_endian(std::uint64_t offset, std::size_t count);
  std::optional<std::uint64_t> big_endian(std::uint64_t offset, std::size_t count);

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string name_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t position_ = 0;  ///< of file_
};

}  // namespace harpy
