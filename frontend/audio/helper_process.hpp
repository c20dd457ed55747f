#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "models/files/file_descriptor.hpp"

namespace harpy {

/// A process that was started, with our ends of its pipes, which do not block.
struct HelperProcess {
  pid_t id = 0;
  FileDescriptor handle;  ///< becomes readable when the process has ended (pidfd)
  FileDescriptor input;   ///< to its standard input
  FileDescriptor output;  ///< from its standard output
  FileDescriptor errors;  ///< from its standard error
};

/// Starts a program with its arguments: a decoding helper, which gets `spool` as its descriptor
/// kSpoolDescriptor and no other file of ours. It is in a process group of its own, so that a
/// signal that a terminal sends to us does not reach it. Whoever starts it waits for it.
/// Cost: does not depend on how much memory this process has; some tenths of a millisecond.
/// Errors: std::system_error.
HelperProcess start_helper(const std::vector<std::string>& command, const FileDescriptor& spool);

}  // namespace harpy
