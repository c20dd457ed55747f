#include "acoustic/training/stored_array.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace harpy {
namespace {

[[noreturn]] void fail_in_folder(const std::filesystem::path& folder) {
  throw std::runtime_error(folder.string() + ": cannot write: " + std::strerror(errno));
}

/// A new file that has no name any more.
std::FILE* open_nameless(const std::filesystem::path& folder) {
  std::string name = (folder / "unnamed-XXXXXX").string();
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) fail_in_folder(folder);
  ::unlink(name.c_str());
  return ::fdopen(file, "w+b");
}

}  // namespace

void StoredBytes::Close::operator()(std::FILE* stream) const { std::fclose(stream); }

StoredBytes::StoredBytes(std::filesystem::path folder) : folder_(std::move(folder)) {
  if (!folder_.empty()) stream_.reset(open_nameless(folder_));
}

void StoredBytes::append(std::span<const std::byte> bytes) {
  size_ += bytes.size();
  if (folder_.empty()) {
    memory_.insert(memory_.end(), bytes.begin(), bytes.end());
  } else if (std::fwrite(bytes.data(), 1, bytes.size(), stream_.get()) != bytes.size()) {
    fail_in_folder(folder_);
  }
}

void StoredBytes::finish() {
  if (folder_.empty()) return memory_.shrink_to_fit();
  if (std::fflush(stream_.get()) != 0) fail_in_folder(folder_);
  // Linux gives open files this name, whether they have another one or not.
  const std::string name = "/proc/self/fd/" + std::to_string(::fileno(stream_.get()));
  mapped_ = std::make_unique<const MappedFile>(name, FileMemory::kSharedInParts);
  stream_.reset();
}

}  // namespace harpy
