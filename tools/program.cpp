#include "tools/program.hpp"

#include <sstream>

#include "models/files/text_lines.hpp"
#include "tools/commands.hpp"

namespace harpy::tools {

namespace {

constexpr const char* kFooter =
    "Exit codes: 0 all went well; 1 an input or a file was bad (one line says which and why); 2 "
    "wrong usage.";

/// Reads the file of --config as Harpy reads all its texts: a byte order mark does no harm, and
/// other codings than UTF-8 are refused by name.
class ConfigText : public CLI::ConfigTOML {
 public:
  explicit ConfigText(const CLI::App& program) : program_(program) {}

  std::vector<CLI::ConfigItem> from_config(std::istream&) const override {
    std::istringstream text(read_text(program_["--config"]->as<std::string>()));
    return CLI::ConfigTOML::from_config(text);
  }

 private:
  const CLI::App& program_;
};

}  // namespace

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
  program->config_formatter(std::make_shared<ConfigText>(*program));
  program->allow_config_extras(CLI::config_extras_mode::error);
  add_transcribe_command(*program);
  add_serve_command(*program);
  add_score_command(*program);
  add_train_command(*program);
  add_lm_command(*program);
  add_graph_command(*program);
  add_info_command(*program);
  add_completion_command(*program);
  add_man_command(*program);
  return program;
}

}  // namespace harpy::tools
