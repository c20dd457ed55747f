#pragma once

#include <string>
#include <vector>

namespace harpy::tools {

/// One option of a command, as its help describes it.
struct OptionHelp {
  std::vector<std::string> names;  ///< with their dashes, such as "-h", "--help"; none: positional
  std::string value;               ///< what it takes, such as "INT" or "FILE"; empty: nothing
  std::vector<std::string> choices;  ///< the values it takes, where they are few
  std::string description;
  std::string default_value;
  std::string environment;  ///< variable that gives it too
  bool is_required = false;

  /// Whether its value may be the path of a file.
  bool takes_path() const;
};

/// A command with its options, from the same texts that parse the command line.
struct CommandHelp {
  std::string name;
  std::string description;
  std::string footer;
  std::vector<OptionHelp> positionals;
  std::vector<OptionHelp> options;
  std::vector<CommandHelp> commands;
};

}  // namespace harpy::tools
