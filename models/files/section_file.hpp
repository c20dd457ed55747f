#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "models/files/mapped_file.hpp"

namespace harpy {

/// What a section holds: a number whose meaning is its format's.
enum class SectionKind : std::uint32_t {};

/// What tells one format of sections from another.
struct SectionFormat {
  std::array<char, 8> magic;  ///< the file's first bytes
  std::uint32_t version;      ///< the only one that is read
  const char* name;           ///< for errors, such as "graph file"
};

/// A section to be written; the bytes must live until write_section_file returns.
struct Section {
  SectionKind kind;
  std::span<const std::byte> bytes;
};

template <typename T>
Section section_of(SectionKind kind, std::span<const T> values) {
  return {kind, std::as_bytes(values)};
}

template <typename T>
Section section_of(SectionKind kind, const std::vector<T>& values) {
  return section_of(kind, std::span<const T>(values));
}

/// Writes a binary file of sections, each at a multiple of 64 bytes, little-endian:
/// magic, version (u32), section count (u32), file size (u64), for each section its kind (u32),
/// zero (u32), offset and size in bytes (u64 each); the sections with zeros between; XXH3 of all
/// before (u64). Errors: as ReplacementFile.
void write_section_file(const std::filesystem::path& path, const SectionFormat& format,
                        std::span<const Section> sections);

/// Whether a file begins as those of a format do.
bool begins_as(const std::filesystem::path& path, const SectionFormat& format);

/// Such a file, mapped, its checksum and section table checked.
class SectionFile {
 public:
  /// Errors: std::runtime_error naming the file and the byte where it is wrong: another
  /// format or version, truncated, changed.
  SectionFile(const std::filesystem::path& path, const SectionFormat& format,
              FileMemory memory = FileMemory::kShared);

  bool contains(SectionKind kind) const { return find(kind).has_value(); }

  /// The elements of a section. Errors: std::runtime_error if it is absent or its size is no
  /// multiple of an element.
  template <typename T>
  std::span<const T> section(SectionKind kind) const {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 64);
    const std::optional<std::span<const std::byte>> bytes = find(kind);
    if (!bytes) throw failure(kind, "is missing");
    if (bytes->size() % sizeof(T) != 0) throw failure(kind, "has a wrong size");
    return {reinterpret_cast<const T*>(bytes->data()), bytes->size() / sizeof(T)};
  }

  /// An error of a section's content: "FILE: section KIND at byte N WHAT".
  std::runtime_error failure(SectionKind kind, const std::string& what) const;

  std::size_t size_bytes() const { return file_.bytes().size(); }
  /// What keeps the sections mapped.
  const std::shared_ptr<const void>& mapping() const { return file_.mapping(); }

 private:
  std::optional<std::span<const std::byte>> find(SectionKind kind) const;

  std::filesystem::path path_;
  MappedFile file_;
  std::vector<Section> sections_;
};

}  // namespace harpy
