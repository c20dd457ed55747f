#include "tools/help/completion.hpp"

#include <string_view>

namespace harpy::tools {

namespace {

std::string join(const std::vector<std::string>& items, std::string_view separator) {
  std::string joined;
  for (const std::string& item : items) {
    if (!joined.empty()) joined += separator;
    joined += item;
  }
  return joined;
}

std::string join_names(const std::vector<CommandHelp>& commands, std::string_view separator) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const CommandHelp& command : commands) names.push_back(command.name);
  return join(names, separator);
}

/// A copy in which each of `special` has a backslash before it.
std::string escaped(std::string_view text, std::string_view special) {
  std::string result;
  for (const char letter : text) {
    if (special.find(letter) != std::string_view::npos) result += '\\';
    result += letter;
  }
  return result;
}

/// In single quotes, for bash and zsh.
std::string shell_quoted(std::string_view text) {
  std::string result = "'";
  for (const char letter : text) result += letter == '\'' ? "'\\''" : std::string(1, letter);
  return result + "'";
}

/// A description without what follows its first line.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// What bash does for a command ("" for the program itself): patterns "command,option".
std::string bash_values(const CommandHelp& command, const std::string& name) {
  std::string cases;
  for (const OptionHelp& option : command.options) {
    if (option.value.empty()) continue;
    std::vector<std::string> patterns;
    for (const std::string& option_name : option.names)
      patterns.push_back(name + "," + option_name);
    cases += "    " + join(patterns, "|") + ") ";
    if (!option.choices.empty()) {
      cases += "COMPREPLY=($(compgen -W " + shell_quoted(join(option.choices, " ")) +
               " -- \"$current\")); return ;;\n";
    } else {
      cases += option.takes_path() ? "return ;;\n" : "compopt +o default; return ;;\n";
    }
  }
  return cases;
}

std::string option_words(const CommandHelp& command) {
  std::vector<std::string> words;
  for (const OptionHelp& option : command.options) {
    words.insert(words.end(), option.names.begin(), option.names.end());
  }
  return join(words, " ");
}

/// The choices of a command's positional arguments.
std::string positional_words(const CommandHelp& command) {
  std::vector<std::string> words;
  for (const OptionHelp& option : command.positionals) {
    words.insert(words.end(), option.choices.begin(), option.choices.end());
  }
  return join(words, " ");
}

/// The spec of zsh's _arguments for one option.
std::string zsh_option(const OptionHelp& option) {
  std::string value;
  if (!option.value.empty()) {
    value = ":" + option.value + ":";
    if (!option.choices.empty()) {
      value += "(" + join(option.choices, " ") + ")";
    } else if (option.takes_path()) {
      value += "_files";
    }
  }
  const std::string description = escaped(first_line(option.description), "[]:\\");
  std::string specs;
  for (const std::string& name : option.names) {
    specs += " \\\n        " + shell_quoted("*" + name + "[" + description + "]" + value);
  }
  return specs;
}

std::string zsh_arguments(const CommandHelp& command) {
  std::string specs;
  for (const OptionHelp& option : command.options) specs += zsh_option(option);
  for (const OptionHelp& option : command.positionals) {
    const std::string action =
        option.choices.empty() ? "_files" : "(" + join(option.choices, " ") + ")";
    specs += " \\\n        " + shell_quoted("*:" + option.value + ":" + action);
  }
  return specs;
}

std::string fish_quoted(std::string_view text) { return "'" + escaped(text, "'\\") + "'"; }

/// Lines of fish for a command's options, which hold under `condition`.
std::string fish_options(const CommandHelp& command, const std::string& start) {
  std::string lines;
  for (const OptionHelp& option : command.options) {
    lines += start;
    for (const std::string& name : option.names) {
      lines += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (!option.choices.empty()) {
      lines += " -x -a " + fish_quoted(join(option.choices, " "));
    } else if (!option.value.empty()) {
      lines += option.takes_path() ? " -r -F" : " -x";
    }
    lines += " -d " + fish_quoted(first_line(option.description)) + "\n";
  }
  const std::string words = positional_words(command);
  if (!words.empty()) lines += start + " -x -a " + fish_quoted(words) + "\n";
  return lines;
}

}  // namespace

std::string bash_completion(const CommandHelp& program) {
  const std::string& name = program.name;
  std::string script =
      "# Completion of " + name + " in bash, made by: " + name +
      " completion bash\n"
      "_" +
      name +
      "() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local command= word\n"
      "  COMPREPLY=()\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case $word in\n"
      "      " +
      join_names(program.commands, "|") +
      ") command=$word; break ;;\n"
      "    esac\n"
      "  done\n"
      "  case $command,$previous in\n" +
      bash_values(program, "*");
  for (const CommandHelp& command : program.commands) script += bash_values(command, command.name);
  script += "  esac\n  local options=" + shell_quoted(option_words(program)) +
            " words=\n  case $command in\n";
  script += "    '') words=" + shell_quoted(join_names(program.commands, " ")) + " ;;\n";
  for (const CommandHelp& command : program.commands) {
    script += "    " + command.name + ") options+=" + shell_quoted(" " + option_words(command)) +
              " words=" + shell_quoted(positional_words(command)) + " ;;\n";
  }
  script +=
      "  esac\n"
      "  case $current in\n"
      "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$current\")) ;;\n"
      "    *) [ -z \"$words\" ] || COMPREPLY=($(compgen -W \"$words\" -- \"$current\")) ;;\n"
      "  esac\n"
      "}\n"
      "complete -o default -F _" +
      name + " " + name + "\n";
  return script;
}

std::string zsh_completion(const CommandHelp& program) {
  const std::string& name = program.name;
  std::string script = "#compdef " + name + "\n# Completion of " + name +
                       " in zsh, made by: " + name + " completion zsh\n_" + name +
                       "() {\n"
                       "  local context state state_descr line\n"
                       "  typeset -A opt_args\n"
                       "  local -a commands\n"
                       "  commands=(\n";
  for (const CommandHelp& command : program.commands) {
    script += "    " + shell_quoted(command.name + ":" + first_line(command.description)) + "\n";
  }
  CommandHelp options{.options = program.options};
  script += "  )\n  _arguments -C" + zsh_arguments(options) +
            " \\\n        '1:command:->command' '*::argument:->arguments' && return\n"
            "  case $state in\n"
            "    command) _describe command commands ;;\n"
            "    arguments) case $words[1] in\n";
  for (CommandHelp command : program.commands) {
    // What the program itself takes may stand behind the command too; help is of the command.
    for (const OptionHelp& option : program.options) {
      if (!option.value.empty()) command.options.push_back(option);
    }
    script += "      " + command.name + ") _arguments" + zsh_arguments(command) + " ;;\n";
  }
  script +=
      "    esac ;;\n  esac\n}\n"
      "if [ \"$funcstack[1]\" = _" +
      name + " ]; then _" + name + " \"$@\"; else compdef _" + name + " " + name + "; fi\n";
  return script;
}

std::string fish_completion(const CommandHelp& program) {
  const std::string start = "complete -c " + program.name;
  std::string script = "# Completion of " + program.name + " in fish, made by: " + program.name +
                       " completion fish\n";
  for (const CommandHelp& command : program.commands) {
    script += start + " -f -n __fish_use_subcommand -a " + command.name + " -d " +
              fish_quoted(first_line(command.description)) + "\n";
  }
  for (const OptionHelp& option : program.options) {
    CommandHelp one{.options = {option}};
    // What takes a value may stand behind a command too.
    script += fish_options(one, option.value.empty() ? start + " -n __fish_use_subcommand" : start);
  }
  for (const CommandHelp& command : program.commands) {
    script += fish_options(
        command, start + " -n " + fish_quoted("__fish_seen_subcommand_from " + command.name));
  }
  return script;
}

}  // namespace harpy::tools
