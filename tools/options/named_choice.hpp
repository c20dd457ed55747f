#pragma once

#include <map>
#include <string>

#include <CLI/CLI.hpp>

namespace harpy::tools {

/// Turns the names of an option's values into the values; the help lists the names.
template <typename Value>
CLI::Validator choice_of(const std::map<std::string, Value>& values) {
  std::string names;
  for (const auto& [name, value] : values) names += (names.empty() ? "" : ",") + name;
  return CLI::Validator(CLI::CheckedTransformer(values)).description("{" + names + "}");
}

}  // namespace harpy::tools
