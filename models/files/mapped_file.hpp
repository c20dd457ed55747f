#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace harpy {

/// The bytes of a file, mapped read-only; copies share the mapping.
///
/// A mapped file must not shrink: Harpy replaces files by rename and never writes into them.
class MappedFile {
 public:
  /// Errors: std::runtime_error naming the file if it is no regular file or cannot be mapped.
  explicit MappedFile(const std::filesystem::path& path);

  std::span<const std::byte> bytes() const { return bytes_; }
  /// What keeps the bytes mapped.
  const std::shared_ptr<const void>& mapping() const { return mapping_; }

 private:
  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> mapping_;
};

}  // namespace harpy
