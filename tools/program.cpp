#include "tools/program.hpp"

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "models/files/text_lines.hpp"
#include "tools/help/describe_command.hpp"
#include "tools/options/commands.hpp"
#include "tools/terminal/messages.hpp"

namespace harpy::tools {

namespace {

constexpr int kInputFailed = 1;
constexpr int kUsageError = 2;

constexpr const char* kFooter =
    "Exit codes: 0 all went well; 1 an input or a file was bad (one line says which and why); 2 "
    "wrong usage.";

/// Reads the file of --config as Harpy reads all its texts: a byte order mark does no harm, and
/// other codings than UTF-8 are refused by name. The model that HARPY_MODEL names goes before the
/// file's.
class ConfigurationFile : public CLI::ConfigTOML {
 public:
  explicit ConfigurationFile(const CLI::App& program) : program_(program) {}

  std::vector<CLI::ConfigItem> from_config(std::istream&) const override {
    std::istringstream text(read_text(program_["--config"]->as<std::string>()));
    std::vector<CLI::ConfigItem> read = CLI::ConfigTOML::from_config(text);
    if (std::getenv("HARPY_MODEL") != nullptr) {
      std::erase_if(read, [](const CLI::ConfigItem& item) {
        return item.fullname() == "transcribe.model" || item.fullname() == "serve.model";
      });
    }
    return read;
  }

 private:
  const CLI::App& program_;
};

/// Refuses numbers that are none or do not fit, which CLI11 takes: "nan" lies in every range, and
/// what is too large for its type becomes the largest number.
std::string refusal_of_number(const std::string& text, bool is_whole) {
  errno = 0;
  if (is_whole) {
    std::strtoll(text.c_str(), nullptr, 0);
  } else if (!std::isfinite(std::strtod(text.c_str(), nullptr))) {
    return text + " is no number";
  }
  return errno == ERANGE ? text + " is out of range" : "";
}

/// Lets all options of a command and its sub-commands that are numbers refuse those.
void check_numbers(CLI::App& command) {
  for (CLI::Option* const option : command.get_options()) {
    const std::string type = option->get_type_name();
    const bool is_whole = type.starts_with("INT") || type.starts_with("UINT");
    if (!is_whole && !type.starts_with("FLOAT")) continue;
    option->check(
        [is_whole](const std::string& text) { return refusal_of_number(text, is_whole); });
  }
  for (CLI::App* const part : command.get_subcommands({})) check_numbers(*part);
}

/// The program with all its sub-commands, ready to parse a command line.
std::unique_ptr<CLI::App> make_program() {
  auto program = std::make_unique<CLI::App>("Harpy: a speech recognition decoder", "harpy");
  program->footer(kFooter);
  program->set_version_flag("--version", "harpy " HARPY_VERSION);
  program->require_subcommand(1);
  program->option_defaults()->always_capture_default();
  // Options of the program may stand behind the command too.
  program->fallthrough();
  program
      ->set_config("--config", "", "File with options, under the name of their command in brackets")
      ->type_name("FILE");
  program->config_formatter(std::make_shared<ConfigurationFile>(*program));
  program->allow_config_extras(CLI::config_extras_mode::error);
  add_transcribe_command(*program);
  add_merge_command(*program);
  add_work_command(*program);
  add_decode_command(*program);
  add_serve_command(*program);
  add_score_command(*program);
  add_train_command(*program);
  add_lattice_command(*program);
  add_lm_command(*program);
  add_graph_command(*program);
  add_convert_command(*program);
  add_info_command(*program);
  add_bench_command(*program);
  add_completion_command(*program);
  add_man_command(*program);
  check_numbers(*program);
  return program;
}

}  // namespace

int run_program(int argc, const char* const* argv) {
  // A file that may not grow further is then an error of writing, as on a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  const auto program = make_program();
  try {
    program->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program->exit(error) == 0 ? 0 : kUsageError;
  } catch (const std::exception& error) {
    tell_error(error.what());
    return kInputFailed;
  }
  return 0;
}

void run_command(const std::vector<std::string>& arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    make_program()->parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
}

CommandHelp describe_program() { return describe(*make_program()); }

}  // namespace harpy::tools
