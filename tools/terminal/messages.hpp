#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace harpy::tools {

/// Prints "harpy: error: WHAT" or "harpy: warning: WHAT" as one line on standard error, whatever
/// the names in it hold.
void tell_error(std::string_view what);
void tell_warning(std::string_view what);

/// Does nothing without failures. Of several inputs each failure is told in a line of its own, then
/// std::runtime_error is thrown: that of the only input, or "N of COUNT WHAT".
void throw_failures(std::span<const std::string> failures, std::size_t count,
                    const std::string& what);

}  // namespace harpy::tools
