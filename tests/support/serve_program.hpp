#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <thread>
#include <vector>

namespace harpy::testing {

/// A running harpy serve; ended when this object is.
class ServeProgram {
 public:
  ServeProgram(const std::filesystem::path& model, const std::filesystem::path& log,
               const std::vector<std::string>& options = {})
      : ServeProgram(model, log, ::open(log.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600), options) {
  }
  /// With standard error of the caller's, who writes into `log` what the program says there.
  ServeProgram(const std::filesystem::path& model, const std::filesystem::path& log, int errors,
               const std::vector<std::string>& options)
      : log_(log) {
    std::vector<std::string> arguments{HARPY_PROGRAM, "serve", "--model",   model.string(),
                                       "--port",      "0",     "--workers", "1"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(errors, STDERR_FILENO);
      ::execv(pointers[0], pointers.data());
      ::_exit(127);
    }
    ::close(errors);
  }
  ServeProgram(const ServeProgram&) = delete;
  ServeProgram& operator=(const ServeProgram&) = delete;
  ~ServeProgram() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

  std::string log() const {
    std::ifstream stream(log_);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  /// The port that the log tells first; 0 if it does not within twenty seconds.
  std::uint16_t port() const { return port_of(""); }
  /// Likewise, of the listener that speaks that protocol alone.
  std::uint16_t port_of(const std::string& protocol) const {
    return port_told("listening on 127\\.0\\.0\\.1 port ([0-9]+): " +
                     (protocol.empty() ? "" : protocol + "\n"));
  }
  /// Likewise, of the listener for agent checks.
  std::uint16_t agent_port() const {
    return port_told("agent checks on 127\\.0\\.0\\.1 port ([0-9]+)\n");
  }

  pid_t process() const { return process_; }
  void signal(int number) const { ::kill(process_, number); }
  bool is_running() const { return ::waitpid(process_, nullptr, WNOHANG) == 0; }
  /// Waits until the log has a text, at most twenty seconds; whether it has.
  bool log_tells(const std::string& text) const {
    for (int round = 0; round < 2000; ++round) {
      if (log().find(text) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  /// Sends SIGTERM and waits for the end; the exit code, -1 if a signal ended the program.
  int terminate() {
    signal(SIGTERM);
    return wait();
  }
  /// Waits for the end; the exit code, -1 if a signal ended the program.
  int wait() {
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  /// The port that the first group of an expression matches in the log; 0 if none does within
  /// twenty seconds.
  std::uint16_t port_told(const std::string& expression) const {
    const std::regex line(expression);
    for (int round = 0; round < 2000; ++round) {
      const std::string text = log();
      std::smatch match;
      if (std::regex_search(text, match, line)) {
        return static_cast<std::uint16_t>(std::stoi(match[1]));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return 0;
  }

  std::filesystem::path log_;
  pid_t process_ = 0;
};

}  // namespace harpy::testing
