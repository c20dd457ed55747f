#include "tools/decode/zip_archive.hpp"

#include <array>
#include <new>
#include <stdexcept>
#include <string_view>

#include <zip.h>

namespace harpy::tools {

namespace {

std::invalid_argument damage(const std::string& what) {
  return std::invalid_argument("damaged: " + what);
}

/// An error of libzip that is told and then cleared.
std::invalid_argument taken(zip_error_t& error) {
  std::invalid_argument told = damage(zip_error_strerror(&error));
  zip_error_fini(&error);
  return told;
}

struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

}  // namespace

bool is_zip(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  return text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06");
}

void ZipArchive::Close::operator()(zip* archive) const { zip_discard(archive); }

ZipArchive::ZipArchive(std::span<const std::byte> file) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(file.data(), file.size(), 0, &error);
  if (source == nullptr) throw taken(error);
  archive_ =
      std::unique_ptr<zip, Close>(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
  if (!archive_) {
    zip_source_free(source);
    throw taken(error);
  }
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* const name = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), 0);
    if (name == nullptr) throw damage(zip_strerror(archive_.get()));
    names_.emplace_back(name);
  }
}

std::vector<std::byte> ZipArchive::content(std::size_t index) const {
  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive_.get(), index, 0));
  if (!file) throw damage(zip_strerror(archive_.get()));
  // Read piece by piece: a damaged size cannot ask for more memory than there is content.
  std::vector<std::byte> content;
  std::array<std::byte, 65536> piece;
  for (;;) {
    const zip_int64_t count = zip_fread(file.get(), piece.data(), piece.size());
    if (count == 0) return content;
    if (count < 0) throw damage(zip_error_strerror(zip_file_get_error(file.get())));
    content.insert(content.end(), piece.begin(), piece.begin() + count);
  }
}

}  // namespace harpy::tools
