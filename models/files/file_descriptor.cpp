#include "models/files/file_descriptor.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace harpy {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this == &other) return *this;
  const FileDescriptor old(release());
  number_ = other.release();
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) close(number_);
}

int FileDescriptor::release() { return std::exchange(number_, -1); }

PipeEnds make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe");
  }
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

FileDescriptor open_nameless_file(const std::filesystem::path& folder) {
  std::string name = (folder / "harpy-XXXXXX").string();
  FileDescriptor file(mkostemp(name.data(), O_CLOEXEC));
  if (file.number() < 0) {
    throw std::system_error(errno, std::generic_category(), folder.string() + ": cannot write");
  }
  unlink(name.c_str());
  return file;
}

}  // namespace harpy
