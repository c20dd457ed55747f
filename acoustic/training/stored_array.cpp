#include "acoustic/training/stored_array.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "models/files/file_descriptor.hpp"

namespace harpy {
namespace {

[[noreturn]] void fail_in_folder(const std::filesystem::path& folder) {
  throw std::runtime_error(folder.string() + ": cannot write: " + std::strerror(errno));
}

}  // namespace

void StoredBytes::Close::operator()(std::FILE* stream) const { std::fclose(stream); }

StoredBytes::StoredBytes(std::filesystem::path folder) : folder_(std::move(folder)) {
  if (folder_.empty()) return;
  FileDescriptor file = open_nameless_file(folder_);
  stream_.reset(::fdopen(file.number(), "w+b"));
  if (!stream_) fail_in_folder(folder_);
  file.release();
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
