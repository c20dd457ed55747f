#pragma once

#include <string>

#include <boost/json/value.hpp>

namespace harpy {

/// JSON on one line, with ", " and ": " and numbers as short as they can be (1.05, where Boost.JSON
/// writes 1.05E0).
std::string json_line(const boost::json::value& value);

/// JSON for human readers: indented by two spaces a level; what fits on a line stays on one line.
std::string indented_json(const boost::json::value& value);

/// The number with so many decimals that is nearest to a value, which is then written with no more:
/// seconds with 3, for instance.
double rounded(double value, int decimals);

}  // namespace harpy
