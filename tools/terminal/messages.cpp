#include "tools/terminal/messages.hpp"

#include <cstdio>

#include "models/files/escaped_text.hpp"

namespace harpy::tools {

void tell_error(std::string_view what) {
  std::fprintf(stderr, "harpy: error: %s\n", escape_for_line(what).c_str());
}

void tell_warning(std::string_view what) {
  std::fprintf(stderr, "harpy: warning: %s\n", escape_for_line(what).c_str());
}

}  // namespace harpy::tools
