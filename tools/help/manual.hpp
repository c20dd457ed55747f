#pragma once

#include <string>

#include "tools/help/command_help.hpp"

namespace harpy::tools {

/// The program's manual page, in the man macros of troff: all its commands and options.
std::string manual_page(const CommandHelp& program, const std::string& version);

}  // namespace harpy::tools
