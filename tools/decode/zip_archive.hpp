#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct zip;

namespace harpy::tools {

/// Whether bytes begin like a zip archive.
bool is_zip(std::span<const std::byte> file);

/// The files in a zip archive, read by libzip.
class ZipArchive {
 public:
  /// `file` must stay in place. Errors: std::invalid_argument for an archive that is cut off or has
  /// no directory.
  explicit ZipArchive(std::span<const std::byte> file);

  /// The names of the files, in the directory's order.
  const std::vector<std::string>& names() const { return names_; }

  /// The content of the file at a place of names(). Errors: std::invalid_argument if it is damaged,
  /// encrypted or packed in a way that libzip does not know.
  std::vector<std::byte> content(std::size_t index) const;

 private:
  struct Close {
    void operator()(zip* archive) const;
  };

  std::unique_ptr<zip, Close> archive_;
  std::vector<std::string> names_;
};

}  // namespace harpy::tools
