#include "tools/terminal/stop_signal.hpp"

#include <csignal>
#include <cstddef>
#include <initializer_list>

#include <unistd.h>

namespace harpy::tools {
namespace {

volatile std::sig_atomic_t stop_requested = 0;

void request_stop(int) { stop_requested = 1; }

/// oneDNN's products for AVX-512 let the stack pointer point into memory of their own, where a
/// handler's frame would overwrite what lies there. So handlers get a stack, which is never freed.
void give_handlers_a_stack() {
  static const auto kSize = static_cast<std::size_t>(sysconf(_SC_SIGSTKSZ));
  static auto* const kMemory = new std::byte[kSize];
  const stack_t stack{.ss_sp = kMemory, .ss_flags = 0, .ss_size = kSize};
  ::sigaltstack(&stack, nullptr);
}

}  // namespace

void note_stop_signals() {
  give_handlers_a_stack();
  struct sigaction action {};
  action.sa_handler = request_stop;
  action.sa_flags = SA_ONSTACK | SA_RESTART | SA_RESETHAND;
  for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
}

bool is_stop_requested() { return stop_requested != 0; }

}  // namespace harpy::tools
