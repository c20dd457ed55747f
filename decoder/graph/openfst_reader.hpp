#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/files/mapped_file.hpp"

namespace harpy {

/// Reads values from the bytes of an OpenFst file and knows where it is.
/// Errors of all methods: std::runtime_error naming file and byte.
class OpenFstReader {
 public:
  explicit OpenFstReader(const std::filesystem::path& path) : path_(path), file_(path) {}

  std::runtime_error failure(const std::string& what) const {
    return std::runtime_error(path_.string() + ": byte " + std::to_string(position_) + ": " + what);
  }

  bool at_end() const { return position_ == file_.bytes().size(); }

  void skip(std::size_t size_bytes) {
    if (size_bytes > file_.bytes().size() - position_) throw failure("the file ends too early");
    position_ += size_bytes;
  }

  /// Goes on to the next multiple of `size_bytes` from the start of the file.
  void align(std::size_t size_bytes) { skip((size_bytes - position_ % size_bytes) % size_bytes); }

  template <typename T>
  T read() {
    const std::size_t begin = position_;
    skip(sizeof(T));
    T value;
    std::memcpy(&value, file_.bytes().data() + begin, sizeof(T));
    return value;
  }

  /// `count` values of T, read together.
  template <typename T>
  std::vector<T> read_array(std::size_t count) {
    check_count(static_cast<std::int64_t>(count), sizeof(T));
    const std::size_t begin = position_;
    skip(count * sizeof(T));
    std::vector<T> values(count);
    if (count > 0) std::memcpy(values.data(), file_.bytes().data() + begin, count * sizeof(T));
    return values;
  }

  std::string read_text() {
    const auto length = read<std::int32_t>();
    if (length < 0) throw failure("a text of negative length");
    const std::size_t begin = position_;
    skip(static_cast<std::size_t>(length));
    return {reinterpret_cast<const char*>(file_.bytes().data()) + begin,
            static_cast<std::size_t>(length)};
  }

  /// A count of things of at least `size_bytes` each that must still follow.
  std::size_t check_count(std::int64_t count, std::size_t size_bytes) const {
    const std::size_t left = file_.bytes().size() - position_;
    if (count < 0 || static_cast<std::uint64_t>(count) > left / size_bytes) {
      throw failure("a count of " + std::to_string(count) + " is more than the file holds");
    }
    return static_cast<std::size_t>(count);
  }

 private:
  std::filesystem::path path_;
  MappedFile file_;
  std::size_t position_ = 0;
};

}  // namespace harpy
