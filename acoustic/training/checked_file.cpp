#include "acoustic/training/checked_file.hpp"

#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

#include <xxhash.h>

namespace harpy {

Checksum::Checksum() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_64bits_reset(state_.get());
}

Checksum::~Checksum() = default;

void Checksum::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

void Checksum::add(const void* data, std::size_t size_bytes) {
  XXH3_64bits_update(state_.get(), data, size_bytes);
}

std::uint64_t Checksum::value() const { return XXH3_64bits_digest(state_.get()); }

CheckedFileWriter::CheckedFileWriter(const std::filesystem::path& path)
    : path_(path),
      partial_path_(path.string() + ".partial"),
      stream_(partial_path_, std::ios::binary) {
  if (!stream_) throw std::runtime_error(partial_path_.string() + ": cannot be opened");
}

void CheckedFileWriter::write(const void* data, std::size_t size_bytes) {
  checksum_.add(data, size_bytes);
  stream_.write(static_cast<const char*>(data), static_cast<std::streamsize>(size_bytes));
  if (!stream_) throw std::runtime_error(partial_path_.string() + ": cannot be written");
}

void CheckedFileWriter::commit() {
  const std::uint64_t checksum = checksum_.value();
  write(&checksum, sizeof(checksum));
  stream_.close();
  if (!stream_) throw std::runtime_error(partial_path_.string() + ": cannot be written");
  std::error_code error;
  std::filesystem::rename(partial_path_, path_, error);
  if (error) throw std::runtime_error(path_.string() + ": " + error.message());
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
