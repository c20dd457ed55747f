#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "models/files/file_descriptor.hpp"

namespace harpy {

/// What another program may take before it is stopped.
struct ProcessLimits {
  /// Seconds of processor time, of all its threads together (RLIMIT_CPU).
  unsigned cpu_s = 3600;
  /// Address space (RLIMIT_AS): libraries, stacks and heap.
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;
  /// Seconds for which it may give nothing while its output, or its end, is waited for.
  double silence_s = 60.0;
};

/// Another program that runs beside this one with limits: no shell, an open file as its input, its
/// output through a pipe, no other files open, and none that it could write (RLIMIT_FSIZE is 0, by
/// which such a write fails), none that it could read but its input and what the system's programs
/// are made of (ReadableFiles), neither network nor other processes in its reach
/// (SystemCallFilter). The program does not outlive the object.
///
/// Threads: one at a time.
class LimitedProcess {
 public:
  /// Starts `command`: the path of a program and its arguments. `input` is a file descriptor, which
  /// the program gets as its standard input; the caller may close it afterwards.
  /// Errors: std::invalid_argument for an empty command; std::system_error if no process can be
  /// started.
  LimitedProcess(const std::vector<std::string>& command, int input, const ProcessLimits& limits);
  /// Kills the program if it still runs.
  ~LimitedProcess();
  LimitedProcess(const LimitedProcess&) = delete;
  LimitedProcess& operator=(const LimitedProcess&) = delete;

  /// Waits for output and returns how many bytes of it were put into `bytes`; 0 at its end.
  /// Errors: std::runtime_error, "gave nothing for 60 s", if it is silent for too long.
  std::size_t read(std::span<std::byte> bytes);

  /// Waits for the end of the program.
  /// Errors: std::runtime_error, as the rest of a line that the program's name begins, if it could
  /// not be run, failed, was stopped by a limit or a signal, or does not end.
  void wait();

  /// The first line that the program has written to its standard error; often empty.
  const std::string& complaint() const { return complaint_; }

 private:
  void await_output();
  void take_complaint();
  void stop();
  std::string describe_end(int status) const;

  const ProcessLimits limits_;
  pid_t process_ = 0;      ///< 0: it has ended
  FileDescriptor handle_;  ///< of the process, for waiting
  FileDescriptor output_;  ///< none: at its end
  FileDescriptor errors_;  ///< none: at its end
  std::string complaint_;
  bool has_whole_complaint_ = false;
};

/// The path of a program in the folders of PATH; nothing if it is in none of them.
std::optional<std::string> find_program(const std::string& name);

}  // namespace harpy
