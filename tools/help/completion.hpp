#pragma once

#include <string>

#include "tools/help/command_help.hpp"

namespace harpy::tools {

/// Scripts that complete a program's command line in a shell: its commands, their options, the
/// values of options where they are few, and files.
std::string bash_completion(const CommandHelp& program);
std::string zsh_completion(const CommandHelp& program);
std::string fish_completion(const CommandHelp& program);

}  // namespace harpy::tools
