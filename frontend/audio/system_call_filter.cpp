#include "frontend/audio/system_call_filter.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace harpy {
namespace {

constexpr auto kDecodingCalls = std::to_array<const char*>({
    "brk",      "clock_gettime",   "close",          "exit",         "exit_group",  "fcntl",
    "fstat",    "futex",           "getrandom",      "lseek",        "madvise",     "mmap",
    "mprotect", "mremap",          "munmap",         "newfstatat",   "pread64",     "read",
    "readv",    "restart_syscall", "rt_sigprocmask", "rt_sigreturn", "sched_yield", "sigaltstack",
    "write",    "writev",
});

constexpr auto kProgramCalls = std::to_array<const char*>({
    "access",
    "arch_prctl",
    "clock_getres",
    "clock_nanosleep",
    "clone",
    "clone3",
    "close_range",
    "dup",
    "dup2",
    "dup3",
    "execve",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fork",
    "getcwd",
    "getdents64",
    "getegid",
    "geteuid",
    "getgid",
    "getpgrp",
    "getpid",
    "getppid",
    "getrlimit",
    "getrusage",
    "gettid",
    "gettimeofday",
    "getuid",
    "lstat",
    "mlock",
    "mlock2",
    "munlock",
    "nanosleep",
    "pidfd_open",
    "pipe",
    "pipe2",
    "poll",
    "ppoll",
    "prctl",
    "pselect6",
    "readlink",
    "readlinkat",
    "rseq",
    "rt_sigaction",
    "rt_sigsuspend",
    "rt_sigtimedwait",
    "sched_getaffinity",
    "select",
    "set_robust_list",
    "set_tid_address",
    "setrlimit",
    "sigaltstack",
    "stat",
    "statfs",
    "statx",
    "sysinfo",
    "time",
    "times",
    "umask",
    "uname",
    "vfork",
    "wait4",
    "waitid",
});

struct ContextRelease {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, ContextRelease>;

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string("the filter of system calls cannot be made: ") + what);
}

Context make_context() {
  Context context(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!context) fail("no memory");
  return context;
}

/// Allows a call, if its arguments are as said. Calls that this processor does not have are passed
/// over.
void allow(const Context& context, const char* name, std::span<const scmp_arg_cmp> arguments = {}) {
  const int call = seccomp_syscall_resolve_name(name);
  if (call < 0) return;
  if (seccomp_rule_add_array(context.get(), SCMP_ACT_ALLOW, call,
                             static_cast<unsigned>(arguments.size()), arguments.data()) != 0) {
    fail(name);
  }
}

/// The filter as the kernel takes it.
std::vector<sock_filter> exported(const Context& context) {
  const int file = memfd_create("filter", MFD_CLOEXEC);
  if (file < 0) fail("no memory");
  std::vector<sock_filter> program;
  const bool is_written = seccomp_export_bpf(context.get(), file) == 0;
  const off_t size = lseek(file, 0, SEEK_END);
  if (size > 0) program.resize(static_cast<std::size_t>(size) / sizeof(sock_filter));
  const ssize_t got = pread(file, program.data(), program.size() * sizeof(sock_filter), 0);
  close(file);
  if (!is_written || program.empty() || got != size) fail("it cannot be exported");
  return program;
}

std::vector<sock_filter> decoding_filter() {
  const Context context = make_context();
  for (const char* const name : kDecodingCalls) allow(context, name);
  return exported(context);
}

std::vector<sock_filter> program_filter() {
  const Context context = make_context();
  for (const char* const name : kDecodingCalls) allow(context, name);
  for (const char* const name : kProgramCalls) allow(context, name);
  constexpr unsigned kWriting = O_ACCMODE | O_CREAT | O_TRUNC;
  const auto reads_only = [](unsigned argument) {
    return std::array{
        scmp_arg_cmp{.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = kWriting, .datum_b = 0}};
  };
  allow(context, "open", reads_only(1));
  allow(context, "openat", reads_only(2));
  // Of this process alone: 0 stands for it.
  allow(context, "prlimit64",
        std::array{scmp_arg_cmp{.arg = 0, .op = SCMP_CMP_EQ, .datum_a = 0, .datum_b = 0}});
  return exported(context);
}

}  // namespace

const SystemCallFilter& SystemCallFilter::for_decoding() {
  static const SystemCallFilter kFilter(decoding_filter());
  return kFilter;
}

const SystemCallFilter& SystemCallFilter::for_programs() {
  static const SystemCallFilter kFilter(program_filter());
  return kFilter;
}

bool SystemCallFilter::install() const noexcept {
  sock_fprog program{.len = static_cast<unsigned short>(program_.size()),
                     .filter = const_cast<sock_filter*>(program_.data())};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace harpy
