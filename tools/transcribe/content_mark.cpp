#include "tools/transcribe/content_mark.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "models/files/checksum.hpp"

namespace harpy::tools {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kMarkedBytes = std::uintmax_t{1} << 20U;

void add_text(Checksum& checksum, std::string_view text) {
  checksum.add(text.data(), text.size());
  checksum.add("", 1);
}

void add_file(Checksum& checksum, const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size_bytes = fs::file_size(path, error);
  if (error) return;
  add_text(checksum, std::to_string(size_bytes));
  const std::uintmax_t kept = std::min(size_bytes, kMarkedBytes);
  std::string end(kept, '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(size_bytes - kept));
  file.read(end.data(), static_cast<std::streamsize>(kept));
  checksum.add(end.data(), end.size());
}

}  // namespace

std::string content_mark(const fs::path& path) {
  Checksum checksum;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    std::vector<fs::path> files;
    fs::recursive_directory_iterator entry(path, error);
    while (!error && entry != fs::recursive_directory_iterator()) {
      std::error_code unreadable;
      if (entry->is_regular_file(unreadable)) files.push_back(entry->path());
      entry.increment(error);
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      add_text(checksum, file.lexically_relative(path).native());
      add_file(checksum, file);
    }
  } else {
    add_file(checksum, path);
  }
  return checksum_text(checksum.value());
}

}  // namespace harpy::tools
