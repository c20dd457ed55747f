#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "models/files/mapped_file.hpp"

namespace harpy {

/// Bytes that are written one behind another, and read once all are there: in memory, or in a file
/// without a name, which is mapped, so that memory holds only the parts in use, and which is gone
/// with the process however that ends. Move-only.
class StoredBytes {
 public:
  /// In a file of this folder; in memory if it is empty. Errors of this and the other methods:
  /// std::runtime_error naming the folder and the reason, as when the disk is full.
  explicit StoredBytes(std::filesystem::path folder);

  void append(std::span<const std::byte> bytes);
  /// Ends the writing.
  void finish();

  /// How many were written.
  std::size_t size() const { return size_; }
  /// All of them, once the writing has ended.
  std::span<const std::byte> bytes() const {
    return mapped_ ? mapped_->bytes() : std::span<const std::byte>(memory_);
  }

 private:
  struct Close {
    void operator()(std::FILE* stream) const;
  };

  std::filesystem::path folder_;
  std::vector<std::byte> memory_;
  std::unique_ptr<std::FILE, Close> stream_;  ///< while a file is written
  std::unique_ptr<const MappedFile> mapped_;  ///< the file when it is finished
  std::size_t size_ = 0;
};

/// The same of values of one type.
template <typename T>
class StoredArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit StoredArray(const std::filesystem::path& folder) : bytes_(folder) {}

  void append(std::span<const T> values) { bytes_.append(std::as_bytes(values)); }
  void append(const T& value) { append({&value, 1}); }
  void finish() { bytes_.finish(); }

  std::size_t size() const { return bytes_.size() / sizeof(T); }
  std::span<const T> values() const {
    return {reinterpret_cast<const T*>(bytes_.bytes().data()), size()};
  }

 private:
  StoredBytes bytes_;
};

}  // namespace harpy
