#include "frontend/audio/helper_process.hpp"

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frontend/audio/decoding_helper.hpp"

namespace harpy {
namespace {

void check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

FileDescriptor without_blocking(FileDescriptor descriptor) {
  check(fcntl(descriptor.number(), F_SETFL, O_NONBLOCK) != 0 ? errno : 0, "fcntl");
  return descriptor;
}

/// What is done in the new process before it becomes the program.
class SpawnActions {
 public:
  SpawnActions() {
    check(posix_spawn_file_actions_init(&files_), "posix_spawn");
    check(posix_spawnattr_init(&attributes_), "posix_spawn");
    sigset_t none;
    sigemptyset(&none);
    sigset_t ignored_here;
    sigemptyset(&ignored_here);
    sigaddset(&ignored_here, SIGPIPE);
    check(posix_spawnattr_setsigmask(&attributes_, &none), "posix_spawn");
    check(posix_spawnattr_setsigdefault(&attributes_, &ignored_here), "posix_spawn");
    check(posix_spawnattr_setflags(
              &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP),
          "posix_spawn");
  }
  ~SpawnActions() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  /// To be called in the order of `number`, from 0 on.
  void give(const FileDescriptor& descriptor, int number) {
    check(posix_spawn_file_actions_adddup2(&files_, descriptor.number(), number), "posix_spawn");
  }

  pid_t start(const std::vector<std::string>& command) {
    check(posix_spawn_file_actions_addclosefrom_np(&files_, kSpoolDescriptor + 1), "posix_spawn");
    std::vector<std::string> words = command;
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t id = 0;
    check(posix_spawn(&id, arguments[0], &files_, &attributes_, arguments.data(), environ),
          "the decoder cannot be started");
    return id;
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

HelperProcess start_helper(const std::vector<std::string>& command, const FileDescriptor& spool) {
  PipeEnds input = make_pipe();
  PipeEnds output = make_pipe();
  PipeEnds errors = make_pipe();
  SpawnActions actions;
  actions.give(input.from, STDIN_FILENO);
  actions.give(output.to, STDOUT_FILENO);
  actions.give(errors.to, STDERR_FILENO);
  actions.give(spool, kSpoolDescriptor);
  HelperProcess helper{.id = actions.start(command),
                       .handle = {},
                       .input = without_blocking(std::move(input.to)),
                       .output = without_blocking(std::move(output.from)),
                       .errors = without_blocking(std::move(errors.from))};
  // The header of glibc 2.36 for it cannot be used in C++.
  helper.handle = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, helper.id, 0)));
  if (helper.handle.number() < 0) {
    const int error = errno;
    kill(helper.id, SIGKILL);
    waitpid(helper.id, nullptr, 0);
    check(error, "pidfd_open");
  }
  return helper;
}

}  // namespace harpy
