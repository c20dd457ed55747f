#pragma once

#include <filesystem>

#include "models/files/file_descriptor.hpp"

namespace harpy {

/// The only files that a process may still open once it has confined itself to them, with the
/// processes that it starts from then on (Landlock, Linux 5.13). Files that are open stay so. It
/// keeps a decoder that a malicious file has taken over from reading keys and other people's
/// recordings. Without Landlock in the kernel nothing is confined: can_be_confined says so.
class ReadableFiles {
 public:
  /// None at all. Errors: std::system_error if the kernel has Landlock and refuses its use.
  ReadableFiles();
  /// What a program that decodes needs, which is at this path: the program itself, and what
  /// programs and libraries of the system are made of (/usr, the linker's cache, fonts).
  static ReadableFiles for_program(const std::filesystem::path& program);

  /// Adds a file, or a folder with all that is in it, to be read and carried out. What is not there
  /// is passed over. Errors: std::system_error.
  void allow(const std::filesystem::path& path);
  /// Likewise an open file, which may be opened anew, as /dev/stdin is.
  void allow(int descriptor);

  /// Confines the process; nothing else may be opened or changed by a name from now on. Returns
  /// false if the kernel has Landlock and refuses. May be called between fork and exec.
  bool confine() const noexcept;

  /// Whether this kernel has Landlock.
  static bool can_be_confined();

 private:
  FileDescriptor rules_;  ///< none: the kernel has no Landlock
};

}  // namespace harpy
