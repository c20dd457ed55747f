#include "frontend/audio/limited_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frontend/audio/readable_files.hpp"
#include "frontend/audio/system_call_filter.hpp"

namespace harpy {
namespace {

/// What the child exits with if the program cannot be run, as shells do.
constexpr int kCannotRun = 127;
constexpr std::size_t kMostComplaintBytes = 400;

[[noreturn]] void fail_with_code(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

bool set_limit(__rlimit_resource resource, rlim_t warned, rlim_t most) {
  const rlimit value{warned, most};
  return setrlimit(resource, &value) == 0;
}

struct Child {
  char* const* command;
  int input;
  int output;
  int errors;
  const ReadableFiles& files;
  const SystemCallFilter& filter;
};

/// Becomes the program. Runs between fork and exec, where only system calls are allowed.
[[noreturn]] void become(const Child& child, const ProcessLimits& limits) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_IGN);  // writing a file fails and does not kill: libraries try to keep caches
  const bool is_ready =
      dup2(child.input, STDIN_FILENO) >= 0 && dup2(child.output, STDOUT_FILENO) >= 0 &&
      dup2(child.errors, STDERR_FILENO) >= 0 && child.files.confine() &&
      close_range(STDERR_FILENO + 1, std::numeric_limits<int>::max(), 0) == 0 &&
      set_limit(RLIMIT_CPU, limits.cpu_s, limits.cpu_s + 1) &&
      set_limit(RLIMIT_AS, limits.memory_bytes, limits.memory_bytes) &&
      set_limit(RLIMIT_FSIZE, 0, 0) && set_limit(RLIMIT_CORE, 0, 0) && child.filter.install();
  if (is_ready) execv(child.command[0], child.command);
  _exit(kCannotRun);
}

}  // namespace

LimitedProcess::LimitedProcess(const std::vector<std::string>& command, int input,
                               const ProcessLimits& limits)
    : limits_(limits) {
  if (command.empty()) throw std::invalid_argument("LimitedProcess: expected a command");
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  PipeEnds output = make_pipe();
  PipeEnds errors = make_pipe();
  ReadableFiles files = ReadableFiles::for_program(command[0]);
  files.allow(input);
  const SystemCallFilter& filter = SystemCallFilter::for_programs();
  process_ = fork();
  if (process_ == 0) {
    become({.command = arguments.data(),
            .input = input,
            .output = output.to.number(),
            .errors = errors.to.number(),
            .files = files,
            .filter = filter},
           limits_);
  }
  if (process_ < 0) fail_with_code("fork");
  // The header of glibc 2.36 for it cannot be used in C++.
  handle_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, process_, 0)));
  if (handle_.number() < 0) {
    const int error = errno;
    stop();
    errno = error;
    fail_with_code("pidfd_open");
  }
  output_ = std::move(output.from);
  errors_ = std::move(errors.from);
  // Whoever inherited it may hold it open for longer than the program runs.
  fcntl(errors_.number(), F_SETFL, O_NONBLOCK);
}

LimitedProcess::~LimitedProcess() { stop(); }

void LimitedProcess::stop() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  output_ = {};
  errors_ = {};
  handle_ = {};
}

void LimitedProcess::take_complaint() {
  std::array<char, 4096> text{};
  const ssize_t got = ::read(errors_.number(), text.data(), text.size());
  if (got <= 0) {
    if (got < 0 && errno == EINTR) return;
    errors_ = {};
    return;
  }
  for (ssize_t i = 0; i < got && !has_whole_complaint_; ++i) {
    const char letter = text[static_cast<std::size_t>(i)];
    has_whole_complaint_ = letter == '\n' && !complaint_.empty();
    if (letter != '\n' && complaint_.size() < kMostComplaintBytes) complaint_ += letter;
  }
}

/// Waits until there is something to read of the output, or it is at its end, or until the process
/// ends once the output has; takes complaints meanwhile.
void LimitedProcess::await_output() {
  const auto timeout_ms = static_cast<int>(limits_.silence_s * 1000.0);
  for (;;) {
    std::array<pollfd, 2> waiting{
        pollfd{output_.number() >= 0 ? output_.number() : handle_.number(), POLLIN, 0},
        pollfd{errors_.number(), POLLIN, 0}};
    const int ready = poll(waiting.data(), waiting.size(), timeout_ms);
    if (ready == 0) {
      std::ostringstream seconds;
      seconds << limits_.silence_s;
      throw std::runtime_error("gave nothing for " + seconds.str() + " s");
    }
    if (ready < 0) {
      if (errno == EINTR) continue;
      fail_with_code("poll");
    }
    if (waiting[1].revents != 0) take_complaint();
    if (waiting[0].revents != 0) return;
  }
}

std::size_t LimitedProcess::read(std::span<std::byte> bytes) {
  while (output_.number() >= 0) {
    await_output();
    const ssize_t got = ::read(output_.number(), bytes.data(), bytes.size());
    if (got > 0) return static_cast<std::size_t>(got);
    if (got == 0 || errno != EINTR) output_ = {};
  }
  return 0;
}

void LimitedProcess::wait() {
  output_ = {};
  if (process_ == 0) return;
  await_output();
  int status = 0;
  if (waitpid(process_, &status, 0) != process_) fail_with_code("waitpid");
  process_ = 0;
  while (errors_.number() >= 0) take_complaint();
  if (status != 0) throw std::runtime_error(describe_end(status));
}

std::string LimitedProcess::describe_end(int status) const {
  if (WIFEXITED(status)) {
    return WEXITSTATUS(status) == kCannotRun
               ? "cannot be run"
               : "failed with code " + std::to_string(WEXITSTATUS(status));
  }
  if (WTERMSIG(status) == SIGXCPU) {
    return "was stopped: it took more than " + std::to_string(limits_.cpu_s) +
           " s of processor time";
  }
  return "was ended by signal " + std::to_string(WTERMSIG(status));
}

std::optional<std::string> find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string program = (folder.empty() ? "." : folder) + "/" + name;
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return std::nullopt;
}

}  // namespace harpy
