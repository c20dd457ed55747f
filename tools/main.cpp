#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "tools/commands.hpp"

namespace {

constexpr int kInputFailed = 1;
constexpr int kUsageError = 2;

constexpr const char* kFooter =
    "Exit codes: 0 all went well; 1 an input or a file was bad (one line says which and why); 2 "
    "wrong usage.";

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"Harpy: a speech recognition decoder", "harpy"};
  program.footer(kFooter);
  program.set_version_flag("--version", "harpy " HARPY_VERSION);
  program.require_subcommand(1);
  program.option_defaults()->always_capture_default();
  harpy::tools::add_transcribe_command(program);
  harpy::tools::add_serve_command(program);
  harpy::tools::add_score_command(program);
  harpy::tools::add_train_command(program);
  harpy::tools::add_lm_command(program);
  harpy::tools::add_graph_command(program);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : kUsageError;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "harpy: error: %s\n", error.what());
    return kInputFailed;
  }
  return 0;
}
