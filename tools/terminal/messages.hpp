#pragma once

#include <string_view>

namespace harpy::tools {

/// Prints "harpy: error: WHAT" or "harpy: warning: WHAT" as one line on standard error, whatever
/// the names in it hold.
void tell_error(std::string_view what);
void tell_warning(std::string_view what);

}  // namespace harpy::tools
