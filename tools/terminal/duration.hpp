#pragma once

#include <string>

namespace harpy::tools {

/// A duration as clocks show it, rounded to whole seconds: "2:03", or "1:02:03" from an hour on.
/// What is negative counts as 0.
std::string format_duration(double seconds);

}  // namespace harpy::tools
