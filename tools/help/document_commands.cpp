#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "tools/help/completion.hpp"
#include "tools/help/describe_command.hpp"
#include "tools/help/manual.hpp"
#include "tools/options/commands.hpp"

namespace harpy::tools {

namespace {

std::string completion_script(const std::string& shell, const CommandHelp& program) {
  if (shell == "bash") return bash_completion(program);
  if (shell == "zsh") return zsh_completion(program);
  return fish_completion(program);
}

}  // namespace

void add_completion_command(CLI::App& program) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand(
      "completion", "Print a script that completes command lines in a shell");
  command->add_option("SHELL", *shell, "bash: source <(harpy completion bash); zsh; fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&program, shell] {
    std::fputs(completion_script(*shell, describe(program)).c_str(), stdout);
  });
}

void add_man_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand("man", "Print the manual page: harpy man | man -l -");
  command->callback(
      [&program] { std::fputs(manual_page(describe(program), HARPY_VERSION).c_str(), stdout); });
}

}  // namespace harpy::tools
