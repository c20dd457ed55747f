#pragma once

#include <string>

#include <boost/json/value.hpp>

namespace harpy {

/// JSON on one line, with ", " and ": " and numbers as short as they can be (1.05, where Boost.JSON
/// writes 1.05E0).
std::string json_line(const boost::json::value& value);

/// JSON for human readers: indented by two spaces a level; what fits on a line stays on one line.
std::string indented_json(const boost::json::value& value);

}  // namespace harpy
