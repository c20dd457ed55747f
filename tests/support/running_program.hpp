#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace harpy::testing {

/// A program in a process of its own that a test may kill. Ends with its object.
class RunningProgram {
 public:
  /// The harpy program of this build. What it prints goes to the file `log`.
  RunningProgram(const std::vector<std::string>& arguments, const std::filesystem::path& log)
      : RunningProgram(HARPY_PROGRAM, arguments, log) {}
  /// Likewise another program.
  RunningProgram(const std::string& program, std::vector<std::string> arguments,
                 const std::filesystem::path& log) {
    arguments.insert(arguments.begin(), program);
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    process_ = fork();
    if (process_ < 0) throw std::runtime_error("cannot start " + arguments[0]);
    if (process_ == 0) {
      const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      dup2(file, STDOUT_FILENO);
      dup2(file, STDERR_FILENO);
      execvp(pointers[0], pointers.data());
      _exit(127);
    }
  }
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  ~RunningProgram() { kill(); }

  pid_t process() const { return process_; }

  bool is_running() {
    if (status_) return false;
    int status = 0;
    if (waitpid(process_, &status, WNOHANG) == process_) status_ = status;
    return !status_;
  }
  /// As `kill -9`.
  void kill() { signal(SIGKILL); }
  /// Sends a signal and waits for the end.
  void signal(int number) {
    if (is_running()) ::kill(process_, number);
    wait();
  }
  /// Waits for the end; the exit code, or minus the signal that ended it.
  int wait() {
    int status = 0;
    if (!status_ && waitpid(process_, &status, 0) == process_) status_ = status;
    return WIFEXITED(*status_) ? WEXITSTATUS(*status_) : -WTERMSIG(*status_);
  }

 private:
  pid_t process_ = -1;
  std::optional<int> status_;
};

}  // namespace harpy::testing
