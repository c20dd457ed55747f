#pragma once

#include <memory>

#include <CLI/CLI.hpp>

namespace harpy::tools {

/// The program `harpy` with all its sub-commands, ready to parse a command line.
std::unique_ptr<CLI::App> make_program();

}  // namespace harpy::tools
