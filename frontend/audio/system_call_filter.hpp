#pragma once

#include <vector>

#include <linux/filter.h>

namespace harpy {

/// Which system calls a process may still make once it has installed the filter (seccomp); all
/// others fail with EPERM, such as those for the network, for writing files and for reaching other
/// processes. It keeps a decoder that a malicious file has taken over from reaching anything else.
/// It holds for the thread that installs it, for the threads and processes that it starts, and for
/// programs that these become.
class SystemCallFilter {
 public:
  /// For decoders that work on open files: memory, reading, writing and the clock.
  static const SystemCallFilter& for_decoding();
  /// For another program that decodes: also what starting a program takes, and opening files to
  /// read them.
  static const SystemCallFilter& for_programs();

  /// Returns whether the kernel has taken the filter. May be called between fork and exec.
  bool install() const noexcept;

 private:
  explicit SystemCallFilter(std::vector<sock_filter> program) : program_(std::move(program)) {}

  std::vector<sock_filter> program_;
};

}  // namespace harpy
