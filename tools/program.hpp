#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "tools/help/command_help.hpp"

namespace harpy::tools {

/// A command line that the program does not understand, with what is wrong about it.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Runs the program `harpy` with a command line as main() is given it. A failure is told in one
/// line on standard error. Returns the exit code: 0 if all went well, 1 if an input or a file was
/// bad, 2 for wrong usage.
int run_program(int argc, const char* const* argv);

/// Runs one sub-command: its name, then its arguments.
/// Errors: UsageError for wrong usage, otherwise what the command throws.
void run_command(const std::vector<std::string>& arguments);

/// The program's commands and options, as its help shows them.
CommandHelp describe_program();

}  // namespace harpy::tools
