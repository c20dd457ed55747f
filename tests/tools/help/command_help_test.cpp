// The texts made from the options: what describes them, completion scripts and the manual page.
#include "tools/help/command_help.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"
#include "tools/help/completion.hpp"
#include "tools/help/manual.hpp"
#include "tools/program.hpp"
#include "tools/transcribe/output_format.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;

CommandHelp made_program() {
  return {
      .name = "sing",
      .description = "Sing: a program that isn't one",
      .footer = "Exit codes: 0.",
      .options = {{.names = {"-h", "--help"}, .description = "Help"}},
      .commands = {{.name = "note",
                    .description = "Sing a note's [pitch]: low",
                    .positionals = {{.value = "FILE", .description = ".dotted"}},
                    .options = {{.names = {"--pitch"},
                                 .value = "TEXT",
                                 .choices = {"low", "high"},
                                 .description = "How high it's",
                                 .default_value = "low"},
                                {.names = {"--count"}, .value = "INT", .description = "How often"},
                                {.names = {"--score"},
                                 .value = "FILE",
                                 .description = "From a\\b",
                                 .environment = "SCORE",
                                 .is_required = true}}}}};
}

/// Runs a command line; its output and errors.
std::string run(const std::string& command, int expected_code = 0) {
  const harpy::testing::TemporaryDirectory directory;
  const std::string file = (directory.path() / "output").string();
  const int status = std::system(("(" + command + ") >" + file + " 2>&1 </dev/null").c_str());
  std::ifstream stream(file);
  const std::string output(std::istreambuf_iterator<char>(stream), {});
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == expected_code) << command << "\n"
                                                                         << output;
  return output;
}

bool has_program(const std::string& name) {
  return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
}

class Scripts : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(directory_.path() / name) << content;
    return (directory_.path() / name).string();
  }

  harpy::testing::TemporaryDirectory directory_;
};

const CommandHelp& find(const std::vector<CommandHelp>& commands, const std::string& name) {
  for (const CommandHelp& command : commands) {
    if (command.name == name) return command;
  }
  throw std::out_of_range(name);
}

TEST(CommandHelp, TellsWhatTheProgramParses) {
  const CommandHelp program = describe_program();
  EXPECT_EQ(program.options.back().names.back(), "--config");
  EXPECT_TRUE(program.options.back().takes_path());
  const CommandHelp& transcribe = find(program.commands, "transcribe");
  ASSERT_EQ(transcribe.positionals.size(), 1U);
  EXPECT_EQ(transcribe.positionals[0].value, "FILE");
  for (const OptionHelp& option : transcribe.options) {
    if (option.names.back() == "--format") {
      EXPECT_EQ(option.choices, output_format_names());
    }
    if (option.names.back() == "--raw") {
      EXPECT_THAT(option.choices, Contains("mulaw"));
    }
    if (option.names.back() == "--model") {
      EXPECT_TRUE(!option.is_required && option.takes_path());
      EXPECT_EQ(option.environment, "HARPY_MODEL");
    }
    if (option.names.back() == "--times") {
      EXPECT_EQ(option.value, "");
    }
    if (option.names.back() == "--jobs") {
      EXPECT_FALSE(option.takes_path());
    }
  }
}

TEST(CommandHelp, EveryCommandAndItsOptionsSayWhatTheyDo) {
  for (const CommandHelp& command : describe_program().commands) {
    EXPECT_NE(command.description, "") << command.name;
    for (const OptionHelp& positional : command.positionals) {
      EXPECT_NE(positional.description, "") << command.name << " " << positional.value;
    }
    for (const OptionHelp& option : command.options) {
      EXPECT_NE(option.description, "") << command.name << " " << option.names.back();
    }
  }
}

TEST(CommandHelp, EveryCommandHasItsRowInTheReadme) {
  std::ifstream stream(HARPY_SOURCE_DIR "/README.md");
  const std::string readme(std::istreambuf_iterator<char>(stream), {});
  for (const CommandHelp& command : describe_program().commands) {
    EXPECT_NE(readme.find("`harpy " + command.name + "`"), std::string::npos) << command.name;
  }
}

TEST_F(Scripts, BashCompletesCommandsOptionsAndChoices) {
  const std::string script = write("sing.bash", bash_completion(made_program()));
  const auto complete = [&](const std::string& words, int index) {
    return run("bash -c 'source " + script + "; COMP_WORDS=(" + words + "); COMP_CWORD=" +
               std::to_string(index) + "; compopt() { :; }; _sing; echo \"${COMPREPLY[*]}\"'");
  };
  EXPECT_EQ(complete("sing \"\"", 1), "note\n");
  EXPECT_EQ(complete("sing note --c", 2), "--count\n");
  EXPECT_EQ(complete("sing note --pitch h", 3), "high\n");
  EXPECT_EQ(complete("sing note --score x", 3), "\n");
  EXPECT_EQ(complete("sing --h", 1), "--help\n");
  EXPECT_EQ(run("bash -n " + write("harpy.bash", bash_completion(describe_program()))), "");
}

TEST_F(Scripts, ZshAndFishTakeTheirScripts) {
  for (const CommandHelp& program : {made_program(), describe_program()}) {
    const std::string zsh = write("_sing", zsh_completion(program));
    const std::string fish = write("sing.fish", fish_completion(program));
    EXPECT_EQ(has_program("zsh") ? run("zsh -n " + zsh) : "", "");
    EXPECT_EQ(has_program("fish") ? run("fish -n " + fish) : "", "");
  }
  EXPECT_THAT(zsh_completion(made_program()),
              HasSubstr(R"('*--pitch[How high it'\''s]:TEXT:(low high)')"));
  EXPECT_THAT(fish_completion(made_program()), HasSubstr(R"( -l score -r -F -d 'From a\\b')"));
}

TEST_F(Scripts, FishCompletesChoices) {
  if (!has_program("fish")) GTEST_SKIP() << "needs fish";
  const std::string script = write("sing.fish", fish_completion(made_program()));
  const std::string home = "HOME=" + directory_.path().string() + " ";
  EXPECT_THAT(run(home + "fish -c 'source " + script + "; complete -C \"sing note --pitch \"'"),
              HasSubstr("high"));
  EXPECT_THAT(run(home + "fish -c 'source " + script + "; complete -C \"sing \"'"),
              HasSubstr("note\tSing a note's [pitch]: low"));
}

TEST_F(Scripts, TheManualHasEveryOptionAndNoWarnings) {
  const std::string page = manual_page(made_program(), "1.0");
  EXPECT_THAT(
      page, HasSubstr("\\fB\\-\\-pitch\\fR \\fIlow|high\\fR\nHow high it\\(aqs. Default: low.\n"));
  EXPECT_THAT(page, HasSubstr("From a\\eb. Required. Environment: \\fBSCORE\\fR.\n"));
  EXPECT_THAT(page, HasSubstr("\\&.dotted."));
  if (!has_program("groff")) GTEST_SKIP() << "needs groff";
  for (const CommandHelp& program : {made_program(), describe_program()}) {
    const std::string file = write("page.1", manual_page(program, "1.0"));
    EXPECT_EQ(run("groff -man -Tutf8 -ww " + file + " 2>&1 >/dev/null"), "");
    const std::string text = run("groff -man -Tascii " + file + " | col -b");
    for (const CommandHelp& command : program.commands) {
      for (const OptionHelp& option : command.options) {
        EXPECT_THAT(text, HasSubstr(option.names.back()));
      }
    }
  }
}

}  // namespace
}  // namespace harpy::tools
