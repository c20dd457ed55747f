#include "tools/help/manual.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace harpy::tools {

namespace {

constexpr std::string_view kConfiguration =
    "A file given by --config sets options that the command line does not. Its lines are 'option = "
    "value', without the dashes, under the name of their command in brackets; a flag is set by "
    "true; several values stand in brackets, separated by commas; # begins a comment. What is "
    "unknown is refused. The command line goes before the file, and the file before the "
    "environment; of the model alone the environment goes before the file.";

constexpr std::string_view kConfigurationExample =
    "[transcribe]\nmodel = \"/srv/models/en-small\"\nformat = [srt, json]\noutput = "
    "\"subtitles\"\n";

/// Text that troff sets as it is.
std::string escaped(std::string_view text) {
  std::string result;
  bool begins_line = true;
  for (const char letter : text) {
    if (begins_line && (letter == '.' || letter == '\'')) result += "\\&";
    begins_line = letter == '\n';
    switch (letter) {
      case '\\':
        result += "\\e";
        break;
      case '-':
        result += "\\-";
        break;
      case '\'':
        result += "\\(aq";
        break;
      case '`':
        result += "\\(ga";
        break;
      case '^':
        result += "\\(ha";
        break;
      case '~':
        result += "\\(ti";
        break;
      default:
        result += letter;
    }
  }
  return result;
}

/// A paragraph whose own line breaks are kept.
std::string paragraph(std::string_view text) {
  std::string result;
  for (const char letter : escaped(text)) {
    result += letter;
    if (letter == '\n') result += ".br\n";
  }
  return result;
}

std::string bold(std::string_view text) { return "\\fB" + escaped(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + escaped(text) + "\\fR"; }

std::string capital(std::string text) {
  for (char& letter : text) {
    letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return text;
}

/// A sentence with the full stop that descriptions of options leave out.
std::string sentence(std::string text) {
  if (!text.empty() && std::string_view(".!?:").find(text.back()) == std::string_view::npos) {
    text += '.';
  }
  return text;
}

std::string option_entry(const OptionHelp& option) {
  std::string head;
  for (const std::string& name : option.names) {
    if (!head.empty()) head += ", ";
    head += bold(name);
  }
  if (!option.value.empty()) {
    std::string value = option.value;
    if (!option.choices.empty() && !option.names.empty()) {
      value.clear();
      for (const std::string& choice : option.choices) {
        value += (value.empty() ? "" : "|") + choice;
      }
    }
    head += (head.empty() ? "" : " ") + italic(value);
  }
  std::string text = escaped(sentence(option.description));
  if (option.is_required) text += " Required.";
  if (!option.default_value.empty()) text += " Default: " + escaped(option.default_value) + ".";
  if (!option.environment.empty()) {
    text += " Environment: " + bold(option.environment) + ".";
  }
  return ".TP\n" + head + "\n" + text + "\n";
}

std::string command_section(const CommandHelp& program, const CommandHelp& command) {
  std::string text = ".SS " + escaped(command.name) + "\n";
  std::string usage = bold(program.name + " " + command.name) + " [" + italic("options") + "]";
  for (const OptionHelp& positional : command.positionals) {
    usage += " " + italic(positional.value);
  }
  text += usage + "\n.PP\n" + paragraph(sentence(command.description)) + "\n";
  for (const OptionHelp& option : command.positionals) text += option_entry(option);
  for (const OptionHelp& option : command.options) {
    if (option.names.back() != "--help") text += option_entry(option);
  }
  if (!command.footer.empty()) text += ".PP\n" + paragraph(command.footer) + "\n";
  return text;
}

}  // namespace

std::string manual_page(const CommandHelp& program, const std::string& version) {
  const std::string& description = program.description;
  const std::size_t colon = description.find(": ");
  const std::string what = colon == std::string::npos ? description : description.substr(colon + 2);
  std::string page = ".TH " + capital(program.name) + " 1 \"\" \"" + program.name + " " +
                     escaped(version) + "\" \"User commands\"\n";
  page += ".SH NAME\n" + program.name + " \\- " + escaped(what) + "\n";
  page += ".SH SYNOPSIS\n" + bold(program.name) + " " + italic("command") + " [" +
          italic("options") + "]\n";
  page += ".SH OPTIONS\n";
  for (const OptionHelp& option : program.options) page += option_entry(option);
  page += ".SH COMMANDS\n";
  for (const CommandHelp& command : program.commands) page += command_section(program, command);
  page += ".SH CONFIGURATION FILE\n" + escaped(kConfiguration) + "\n.PP\n.nf\n" +
          escaped(kConfigurationExample) + ".fi\n";
  if (!program.footer.empty()) page += ".SH EXIT STATUS\n" + escaped(program.footer) + "\n";
  return page;
}

}  // namespace harpy::tools
