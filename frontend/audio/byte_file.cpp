#include "frontend/audio/byte_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace harpy {
namespace {

std::optional<std::uint64_t> number(const std::string& big_endian, std::size_t count) {
  if (big_endian.size() != count) return std::nullopt;
  std::uint64_t value = 0;
  for (const char byte : big_endian) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& fault) {
  throw std::runtime_error(path.string() + ": " + fault);
}

}  // namespace

ByteFile::ByteFile(const std::filesystem::path& path) : name_(path.string()) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) fail(path, "no such file");
  if (error) fail(path, error.message());
  if (std::filesystem::is_directory(status)) fail(path, "is a folder, not a file");
  if (!std::filesystem::is_regular_file(status)) fail(path, "is not a regular file");
  size_bytes_ = std::filesystem::file_size(path, error);
  if (error) fail(path, error.message());
  if (size_bytes_ == 0) fail(path, "is empty");
  file_.reset(std::fopen(path.c_str(), "rb"));
  if (!file_) fail(path, std::generic_category().message(errno));
}

ByteFile::ByteFile(int descriptor, std::string name)
    : name_(std::move(name)), file_(fdopen(descriptor, "rb")) {
  const off_t size = lseek(descriptor, 0, SEEK_END);
  if (!file_ || size < 0) fail(name_, std::generic_category().message(errno));
  if (size == 0) fail(name_, "is empty");
  size_bytes_ = static_cast<std::uint64_t>(size);
  position_ = size_bytes_;
}

std::size_t ByteFile::read(std::uint64_t offset, std::span<char> output) {
  if (offset >= size_bytes_) return 0;
  if (offset != position_ && fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0) {
    return 0;
  }
  const std::size_t count = std::fread(output.data(), 1, output.size(), file_.get());
  position_ = offset + count;
  return count;
}

std::string ByteFile::read(std::uint64_t offset, std::size_t count) {
  std::string bytes(count, '\0');
  bytes.resize(read(offset, std::span(bytes)));
  return bytes;
}

bool ByteFile::has(std::uint64_t offset, std::string_view text) {
  return read(offset, text.size()) == text;
}

std::optional<std::uint64_t> ByteFile::little_endian(std::uint64_t offset, std::size_t count) {
  std::string bytes = read(offset, count);
  std::reverse(bytes.begin(), bytes.end());
  return number(bytes, count);
}

std::optional<std::uint64_t> ByteFile::big_endian(std::uint64_t offset, std::size_t count) {
  return number(read(offset, count), count);
}

}  // namespace harpy
