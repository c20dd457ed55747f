#include "frontend/audio/system_call_filter.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace harpy {
namespace {

/// How a process ends that does something behind a filter: its exit code, or minus the signal.
template <typename Action>
int end_behind(const SystemCallFilter& filter, const Action& action) {
  const pid_t process = fork();
  if (process == 0) _exit(filter.install() ? action() : 99);
  int status = 0;
  waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int errno_of(int result) { return result < 0 ? errno : 0; }

TEST(SystemCallFilters, DecodersReadAndWriteWhatIsOpen) {
  const int file = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(end_behind(SystemCallFilter::for_decoding(),
                       [file] {
                         char zero = 1;
                         return read(file, &zero, 1) == 1 ? int{zero} : 1;
                       }),
            0);
  close(file);
}

TEST(SystemCallFilters, DecodersReachNothingElse) {
  const SystemCallFilter& filter = SystemCallFilter::for_decoding();
  EXPECT_EQ(end_behind(filter, [] { return errno_of(socket(AF_INET, SOCK_STREAM, 0)); }), EPERM);
  const int other = getpid();
  EXPECT_EQ(end_behind(filter, [other] { return errno_of(kill(other, 0)); }), EPERM);
  EXPECT_EQ(end_behind(filter, [] { return errno_of(fork()); }), EPERM);
  EXPECT_EQ(end_behind(filter, [] { return errno_of(execl("/bin/true", "true", nullptr)); }),
            EPERM);
  EXPECT_EQ(end_behind(filter, [] { return errno_of(unlink("/nothing")); }), EPERM);
  EXPECT_EQ(end_behind(filter, [] { return errno_of(open("/dev/zero", O_RDONLY)); }), EPERM);
}

TEST(SystemCallFilters, ProgramsStartAndReadFiles) {
  const SystemCallFilter& filter = SystemCallFilter::for_programs();
  EXPECT_EQ(end_behind(filter, [] { return execl("/bin/true", "true", nullptr); }), 0);
  EXPECT_EQ(end_behind(filter, [] { return errno_of(open("/dev/zero", O_RDONLY)); }), 0);
}

TEST(SystemCallFilters, ProgramsHaveNoNetworkWriteNoFilesAndReachNoProcess) {
  const SystemCallFilter& filter = SystemCallFilter::for_programs();
  const int server = getpid();
  EXPECT_EQ(end_behind(filter, [] { return errno_of(socket(AF_INET, SOCK_STREAM, 0)); }), EPERM);
  EXPECT_EQ(end_behind(filter, [] { return errno_of(open("/dev/null", O_WRONLY)); }), EPERM);
  EXPECT_EQ(end_behind(filter, [] { return errno_of(open("/dev/null", O_RDWR)); }), EPERM);
  EXPECT_EQ(end_behind(filter, [] { return errno_of(open("new", O_RDONLY | O_CREAT, 0600)); }),
            EPERM);
  EXPECT_EQ(end_behind(filter, [server] { return errno_of(kill(server, 0)); }), EPERM);
  EXPECT_EQ(end_behind(filter, [] { return errno_of(unlink("nothing")); }), EPERM);
}

}  // namespace
}  // namespace harpy
