#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>

#include "kaldi/conversion.hpp"
#include "tools/commands.hpp"

namespace harpy::tools {

void add_convert_command(CLI::App& program) {
  struct Options {
    std::filesystem::path model, package;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "convert", "Make a model package of a model of Kaldi or Vosk, which stays as it is");
  command
      ->add_option("MODEL_DIR", options->model,
                   "Folder of a model: a Vosk package, or Kaldi's final.mdl with conf, graph and "
                   "ivector_extractor")
      ->required();
  command->add_option("PACKAGE", options->package, "Folder to write")->required();
  command->callback([options] { kaldi::convert_model(options->model, options->package); });
}

}  // namespace harpy::tools
