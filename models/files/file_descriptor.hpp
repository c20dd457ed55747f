#pragma once

#include <filesystem>

namespace harpy {

/// An open file or one end of a pipe; closed with its object. Without one it is -1.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  int number() const { return number_; }
  /// Gives it to the caller, who closes it.
  int release();

 private:
  int number_ = -1;
};

/// Both ends of a pipe. What is written to one is read from the other.
struct PipeEnds {
  FileDescriptor from;
  FileDescriptor to;
};

/// A new pipe, which programs that are started do not inherit. Errors: std::system_error.
PipeEnds make_pipe();

/// An empty file without a name. It is gone once nobody has it open, however the program ends.
/// Programs that are started do not inherit it. Errors: std::system_error naming the
/// folder.
FileDescriptor open_nameless_file(
    const std::filesystem::path& folder = std::filesystem::temp_directory_path());

}  // namespace harpy
