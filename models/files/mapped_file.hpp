#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace harpy {

/// Where the bytes of a file lie while they are used.
enum class FileMemory {
  /// In the system's copy of the file, which all processes that use it share. Whoever writes into
  /// the file changes the bytes; if it shrinks, reading them ends the process. Harpy itself
  /// replaces
  /// files by rename and never writes into them.
  kShared,
  /// The same, but each part is read only when it is used, and may leave memory again: for files
  /// that are larger than memory.
  kSharedInParts,
  /// In memory of their own, which nobody else can change: for processes that must outlive whatever
  /// happens to the file.
  kOwn,
};

/// The bytes of a file, not to be changed; copies share them.
class MappedFile {
 public:
  /// Errors: std::runtime_error naming the file if it is no regular file, or cannot be mapped or
  /// read; std::bad_alloc.
  explicit MappedFile(const std::filesystem::path& path, FileMemory memory = FileMemory::kShared);

  std::span<const std::byte> bytes() const { return bytes_; }
  /// What keeps the bytes.
  const std::shared_ptr<const void>& mapping() const { return mapping_; }

 private:
  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> mapping_;
};

}  // namespace harpy
