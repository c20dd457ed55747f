// The decoding helper alone, for tests: what harpy does with kHelperArgument.
#include "frontend/audio/decoding_helper.hpp"

#include <vector>

int main(int argc, char** argv) {
  const std::vector<const char*> arguments(argv + 1, argv + argc);
  return harpy::run_decoding_helper(arguments);
}
