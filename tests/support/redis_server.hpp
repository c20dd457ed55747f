#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {

/// A Redis server of its own on a socket in a temporary folder; ends with its object.
class RedisServer {
 public:
  /// `options`: further ones of redis-server.
  explicit RedisServer(std::vector<std::string> options = {}) : options_(std::move(options)) {
    start();
  }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  ~RedisServer() { kill(); }

  std::string address() const { return "unix://" + socket().string(); }
  const std::filesystem::path& folder() const { return directory_.path(); }

  /// As `kill -9`; every write before is on the disk.
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  /// Starts it with the data that it had, and waits until it listens.
  void start() {
    std::filesystem::remove(socket());
    std::vector<std::string> arguments{"redis-server",
                                       "--port",
                                       "0",
                                       "--unixsocket",
                                       socket().string(),
                                       "--dir",
                                       folder().string(),
                                       "--appendonly",
                                       "yes",
                                       "--appendfsync",
                                       "always",
                                       "--save",
                                       ""};
    arguments.insert(arguments.end(), options_.begin(), options_.end());
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    process_ = ::fork();
    if (process_ == 0) {
      const int log = ::open((folder() / "redis.log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
      ::dup2(log, STDOUT_FILENO);
      ::dup2(log, STDERR_FILENO);
      ::execvp(pointers[0], pointers.data());
      ::_exit(127);
    }
    for (int round = 0; round < 2000 && !listens(); ++round) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

 private:
  bool listens() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket().string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool has_answered =
        ::connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    ::close(connection);
    return has_answered;
  }
  std::filesystem::path socket() const { return folder() / "redis.sock"; }

  const std::vector<std::string> options_;
  TemporaryDirectory directory_;
  pid_t process_ = 0;
};

}  // namespace harpy::testing
