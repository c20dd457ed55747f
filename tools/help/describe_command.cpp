#include "tools/help/describe_command.hpp"

#include <CLI/CLI.hpp>

namespace harpy::tools {

namespace {

/// The choices of a type's description such as "TEXT:{text,json}".
std::vector<std::string> choices_of(const std::string& type) {
  std::vector<std::string> choices;
  const std::size_t begin = type.find('{');
  const std::size_t end = type.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos) return choices;
  for (std::size_t at = begin + 1; at < end;) {
    const std::size_t comma = std::min(type.find(',', at), end);
    choices.push_back(type.substr(at, comma - at));
    at = comma + 1;
  }
  return choices;
}

/// "FILE" where a file must exist, else the plain type.
std::string value_of(const std::string& type, bool has_choices) {
  const std::size_t colon = type.find(':');
  std::string plain = type.substr(0, colon);
  if (colon == std::string::npos || has_choices) return plain;
  const std::string check = type.substr(colon + 1);
  return check == "FILE" || check == "DIR" ? check : plain;
}

OptionHelp describe_option(const CLI::Option& option) {
  OptionHelp help;
  for (const std::string& name : option.get_snames()) help.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) help.names.push_back("--" + name);
  help.description = option.get_description();
  help.environment = option.get_envname();
  help.is_required = option.get_required();
  if (option.get_expected_min() == 0 && !help.names.empty()) return help;  // a flag
  const std::string type = option.get_type_name();
  help.choices = choices_of(type);
  help.value = help.names.empty() ? option.get_name() : value_of(type, !help.choices.empty());
  if (option.get_default_str() != "[]") help.default_value = option.get_default_str();
  return help;
}

}  // namespace

CommandHelp describe(const CLI::App& program) {
  CommandHelp help{.name = program.get_name(),
                   .description = program.get_description(),
                   .footer = program.get_footer()};
  for (const CLI::Option* option : program.get_options({})) {
    if (option->get_group().empty()) continue;  // hidden
    OptionHelp described = describe_option(*option);
    (described.names.empty() ? help.positionals : help.options).push_back(std::move(described));
  }
  for (const CLI::App* command : program.get_subcommands({})) {
    if (!command->get_group().empty()) help.commands.push_back(describe(*command));
  }
  return help;
}

}  // namespace harpy::tools
