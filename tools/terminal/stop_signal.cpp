#include "tools/terminal/stop_signal.hpp"

#include <csignal>

namespace harpy::tools {
namespace {

volatile std::sig_atomic_t stop_requested = 0;

void request_stop(int signal_number) {
  stop_requested = 1;
  std::signal(signal_number, SIG_DFL);
}

}  // namespace

void note_stop_signals() {
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
}

bool is_stop_requested() { return stop_requested != 0; }

}  // namespace harpy::tools
