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

/// If there are failures, throws std::runtime_error: with one input its failure, with several "N of
/// COUNT WHAT", after each failure was printed on a line of its own.
void throw_failures(std::span<const std::string> failures, std::size_t count,
                    const std::string& what);

}  // namespace harpy::tools
