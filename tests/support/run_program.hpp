#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {

/// What a program left behind.
struct ProgramResult {
  int exit_code = -1;  ///< -1 if a signal ended it
  std::string output;
  std::string errors;
};

/// Runs a program with arguments, and a file as its standard input, and waits for it.
inline ProgramResult run_program(const std::filesystem::path& program,
                                 const std::vector<std::string>& arguments,
                                 const std::filesystem::path& input = "/dev/null") {
  const TemporaryDirectory directory;
  const auto quoted = [](const std::string& text) {
    std::string result = "'";
    for (const char letter : text) result += letter == '\'' ? "'\\''" : std::string(1, letter);
    return result + "'";
  };
  std::string command = quoted(program.string());
  for (const std::string& argument : arguments) {
    command += ' ';
    command += quoted(argument);
  }
  const auto output = directory.path() / "output";
  const auto errors = directory.path() / "errors";
  const int status = std::system((command + " >" + quoted(output.string()) + " 2>" +
                                  quoted(errors.string()) + " <" + quoted(input.string()))
                                     .c_str());
  const auto read = [](const std::filesystem::path& path) {
    std::ifstream stream(path);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(output), read(errors)};
}

/// The harpy program of this build.
inline ProgramResult run_harpy(const std::vector<std::string>& arguments,
                               const std::filesystem::path& input = "/dev/null") {
  return run_program(HARPY_PROGRAM, arguments, input);
}

}  // namespace harpy::testing
