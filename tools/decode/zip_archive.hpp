#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace harpy::tools {

/// A file in a zip archive.
struct ZipMember {
  std::string name;
  std::uint64_t offset = 0;        ///< of its own header
  std::uint64_t packed_bytes = 0;  ///< as it lies in the archive
  std::uint64_t bytes = 0;
  std::uint32_t checksum = 0;  ///< CRC-32 of the content
  int method = 0;              ///< 0 stored, 8 deflated
  bool is_encrypted = false;
};

/// Whether bytes begin like a zip archive.
bool is_zip(std::span<const std::byte> file);

/// The members that the archive's directory lists, in its order; archives of more than 4 GiB
/// (zip64) too. Errors: std::invalid_argument for an archive that is cut off or has no directory.
/// Source: APPNOTE.TXT 6.3.3, PKWARE.
std::vector<ZipMember> list_zip(std::span<const std::byte> file);

/// A member's content, stored or deflated. Errors: std::invalid_argument for other methods, or
/// damaged or encrypted content.
std::vector<std::byte> read_zip_member(std::span<const std::byte> file, const ZipMember& member);

}  // namespace harpy::tools
