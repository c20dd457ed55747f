#pragma once

#include "tools/help/command_help.hpp"

namespace CLI {
class App;
}

namespace harpy::tools {

/// What the help of a command shows, and of all its sub-commands, read from the options that parse
/// its command line. Hidden options and commands are left out.
CommandHelp describe(const CLI::App& program);

}  // namespace harpy::tools
