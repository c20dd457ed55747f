#include "models/files/replacement_file.hpp"

#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace harpy {

namespace {

/// So much of a name stays in the temporary one, which must not become too long for a file system.
constexpr std::size_t kKeptNameBytes = 200;

std::filesystem::path folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.parent_path();
  return folder.empty() ? "." : folder;
}

/// A name that no other thread of this process takes; other processes are told apart by O_EXCL.
std::filesystem::path make_temporary_path(const std::filesystem::path& path) {
  static std::atomic<unsigned> counter = 0;
  const std::string name = path.filename().string().substr(0, kKeptNameBytes);
  return folder_of(path) / ("." + name + "." + std::to_string(::getpid()) + "-" +
                            std::to_string(counter++) + ".partial");
}

/// Brings the names in a folder to the disk. File systems that cannot do that do it on their own.
void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

ReplacementFile::ReplacementFile(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path_, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw std::runtime_error(path_.string() +
                             ": cannot be written: it is there and is not a regular file");
  }
  int descriptor = -1;
  do {
    temporary_path_ = make_temporary_path(path_);
    descriptor = ::open(temporary_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EEXIST);
  if (descriptor < 0) fail(errno);
  stream_ = ::fdopen(descriptor, "wb");
  if (stream_ == nullptr) {
    const int error = errno;
    ::close(descriptor);
    ::unlink(temporary_path_.c_str());
    fail(error);
  }
}

ReplacementFile::~ReplacementFile() {
  if (stream_ != nullptr) std::fclose(stream_);
  if (!is_committed_) ::unlink(temporary_path_.c_str());
}

void ReplacementFile::write(const void* data, std::size_t size_bytes) {
  if (stream_ == nullptr) throw std::logic_error(path_.string() + ": written after its commit");
  if (size_bytes > 0 && std::fwrite(data, 1, size_bytes, stream_) != size_bytes) fail(errno);
}

void ReplacementFile::commit() {
  if (stream_ == nullptr) throw std::logic_error(path_.string() + ": committed twice");
  // A library that wrote to the stream may have overlooked an error, and then its reason is lost.
  if (std::ferror(stream_) != 0) fail(::write(::fileno(stream_), "", 1) < 0 ? errno : EIO);
  if (std::fflush(stream_) != 0 || ::fsync(::fileno(stream_)) != 0) fail(errno);
  if (std::fclose(std::exchange(stream_, nullptr)) != 0) fail(errno);
  if (std::rename(temporary_path_.c_str(), path_.c_str()) != 0) fail(errno);
  is_committed_ = true;
  sync_folder(folder_of(path_));
}

void ReplacementFile::fail(int error) const {
  throw std::runtime_error(path_.string() +
                           ": cannot be written: " + std::generic_category().message(error));
}

void replace_file(const std::filesystem::path& path, std::string_view content) {
  ReplacementFile file(path);
  file.write(content);
  file.commit();
}

}  // namespace harpy
