#include "tools/terminal/stop_signal.hpp"

#include <csignal>
#include <cstdlib>

#include <gtest/gtest.h>

namespace harpy::tools {
namespace {

/// What a computing thread has on its stack must not matter: see note_stop_signals.
bool has_a_stack_of_its_own(int signal) {
  struct sigaction action {};
  stack_t stack{};
  return ::sigaction(signal, nullptr, &action) == 0 && (action.sa_flags & SA_ONSTACK) != 0 &&
         ::sigaltstack(nullptr, &stack) == 0 && (stack.ss_flags & SS_DISABLE) == 0;
}

TEST(StopSignalDeathTest, TheFirstOneIsNotedOnAStackOfItsOwnAndTheSecondOneKills) {
  EXPECT_EXIT(
      {
        note_stop_signals();
        const bool is_ready = !is_stop_requested() && has_a_stack_of_its_own(SIGINT) &&
                              has_a_stack_of_its_own(SIGTERM);
        std::raise(SIGTERM);
        if (is_ready && is_stop_requested()) std::raise(SIGTERM);
        std::exit(1);
      },
      ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace harpy::tools
