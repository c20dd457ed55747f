#include "models/files/mapped_file.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/files/file_descriptor.hpp"

namespace harpy {

namespace {

std::runtime_error system_failure(const std::filesystem::path& path) {
  return std::runtime_error(path.string() + ": " + std::strerror(errno));
}

/// Reads all bytes of a file. Errors: std::runtime_error if there are fewer.
void read_all(int file, std::span<std::byte> bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t size = ::read(file, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw system_failure(path);
    if (size == 0) throw std::runtime_error(path.string() + ": became shorter while it was read");
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path, FileMemory memory) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status = {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) throw system_failure(path);
  if (!S_ISREG(status.st_mode)) throw std::runtime_error(path.string() + ": not a regular file");
  const auto size_bytes = static_cast<std::size_t>(status.st_size);
  if (size_bytes == 0) return;
  const bool is_own = memory == FileMemory::kOwn;
  const int at_once = memory == FileMemory::kShared ? MAP_POPULATE : 0;
  void* data =
      is_own
          ? ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
          : ::mmap(nullptr, size_bytes, PROT_READ, MAP_SHARED | at_once, file.number(), 0);
  if (data == MAP_FAILED) throw system_failure(path);
  bytes_ = {static_cast<const std::byte*>(data), size_bytes};
  mapping_ = std::shared_ptr<const void>(
      data, [size_bytes](void* mapped) { ::munmap(mapped, size_bytes); });
  if (!is_own) return;
  read_all(file.number(), {static_cast<std::byte*>(data), size_bytes}, path);
  ::mprotect(data, size_bytes, PROT_READ);
}

}  // namespace harpy
