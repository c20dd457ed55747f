#include "tools/terminal/messages.hpp"

#include <cstdio>
#include <stdexcept>

#include "models/files/escaped_text.hpp"

namespace harpy::tools {

void tell_error(std::string_view what) {
  std::fprintf(stderr, "harpy: error: %s\n", escape_for_line(what).c_str());
}

void tell_warning(std::string_view what) {
  std::fprintf(stderr, "harpy: warning: %s\n", escape_for_line(what).c_str());
}

void throw_failures(std::span<const std::string> failures, std::size_t count,
                    const std::string& what) {
  if (failures.empty()) return;
  if (count == 1) throw std::runtime_error(failures.front());
  for (const std::string& failure : failures) tell_error(failure);
  throw std::runtime_error(std::to_string(failures.size()) + " of " + std::to_string(count) + " " +
                           what);
}

}  // namespace harpy::tools
