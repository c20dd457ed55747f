#include "acoustic/training/checked_file.hpp"

#include <system_error>

namespace harpy {

void CheckedFileWriter::write(const void* data, std::size_t size_bytes) {
  checksum_.add(data, size_bytes);
  file_.write(data, size_bytes);
}

void CheckedFileWriter::commit() {
  const std::uint64_t checksum = checksum_.value();
  file_.write(&checksum, sizeof(checksum));
  file_.commit();
}

CheckedFileReader::CheckedFileReader(const std::filesystem::path& path)
    : stream_(path, std::ios::binary) {
  std::error_code error;
  const std::uintmax_t size_bytes = std::filesystem::file_size(path, error);
  if (!error) left_bytes_ = size_bytes;
}

bool CheckedFileReader::read(void* data, std::size_t size_bytes) {
  if (size_bytes > left_bytes_) return false;
  stream_.read(static_cast<char*>(data), static_cast<std::streamsize>(size_bytes));
  left_bytes_ -= size_bytes;
  checksum_.add(data, size_bytes);
  return stream_.good();
}

bool CheckedFileReader::finish() {
  const std::uint64_t expected = checksum_.value();
  std::uint64_t found = 0;
  return read(&found, sizeof(found)) && found == expected && left_bytes_ == 0;
}

}  // namespace harpy
