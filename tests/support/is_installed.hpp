#pragma once

#include <cstdlib>
#include <string>

namespace harpy::testing {

/// Whether a program is installed.
inline bool is_installed(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null").c_str()) == 0;
}

}  // namespace harpy::testing
