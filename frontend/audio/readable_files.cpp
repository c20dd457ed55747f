#include "frontend/audio/readable_files.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace harpy {
namespace {

// glibc has no functions for these calls.

constexpr std::uint64_t kFileRights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kFolderRights = kFileRights | LANDLOCK_ACCESS_FS_READ_DIR;
/// All rights of the first version of Landlock.
constexpr std::uint64_t kAllRights =
    kFolderRights | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

/// What the system's programs are made of, and what they read that is the same for everybody.
constexpr const char* kSystemFiles[] = {
    "/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/fonts", "/var/cache/fontconfig"};

[[noreturn]] void fail_to_confine() {
  throw std::system_error(errno, std::generic_category(), "Landlock");
}

bool lacks_landlock(int error) { return error == ENOSYS || error == EOPNOTSUPP; }

}  // namespace

ReadableFiles::ReadableFiles() {
  const landlock_ruleset_attr handled{.handled_access_fs = kAllRights};
  rules_ = FileDescriptor(static_cast<int>(
      syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled.handled_access_fs), 0)));
  if (rules_.number() < 0 && !lacks_landlock(errno)) fail_to_confine();
}

ReadableFiles ReadableFiles::for_program(const std::filesystem::path& program) {
  ReadableFiles files;
  for (const char* const path : kSystemFiles) files.allow(std::filesystem::path(path));
  files.allow(program);
  // A program outside of /usr has its libraries beside its folder.
  files.allow(program.parent_path().parent_path() / "lib");
  return files;
}

void ReadableFiles::allow(const std::filesystem::path& path) {
  const FileDescriptor file(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (file.number() >= 0) allow(file.number());
}

void ReadableFiles::allow(int descriptor) {
  struct stat status {};
  if (rules_.number() < 0 || fstat(descriptor, &status) != 0) return;
  const landlock_path_beneath_attr rule{
      .allowed_access = S_ISDIR(status.st_mode) ? kFolderRights : kFileRights,
      .parent_fd = descriptor};
  const bool is_added =
      syscall(SYS_landlock_add_rule, rules_.number(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
  // Pipes and the like, which have no name, may be opened anew without a rule.
  if (!is_added && errno != EBADFD) fail_to_confine();
}

bool ReadableFiles::confine() const noexcept {
  if (rules_.number() < 0) return true;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_landlock_restrict_self, rules_.number(), 0) == 0;
}

bool ReadableFiles::can_be_confined() {
  return syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

}  // namespace harpy
