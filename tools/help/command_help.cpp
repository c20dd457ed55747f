#include "tools/help/command_help.hpp"

namespace harpy::tools {

bool OptionHelp::takes_path() const {
  return choices.empty() && (names.empty() || value == "TEXT" || value == "FILE" || value == "DIR");
}

}  // namespace harpy::tools
