#include <csignal>
#include <cstdio>
#include <exception>

#include "tools/program.hpp"

namespace {

constexpr int kInputFailed = 1;
constexpr int kUsageError = 2;

}  // namespace

int main(int argc, char** argv) {
  // A file that may not grow further is then an error of writing, as on a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  const auto program = harpy::tools::make_program();
  try {
    program->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program->exit(error) == 0 ? 0 : kUsageError;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "harpy: error: %s\n", error.what());
    return kInputFailed;
  }
  return 0;
}
