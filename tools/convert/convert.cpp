#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>

#include "kaldi/conversion.hpp"
#include "tools/options/commands.hpp"
#include "tools/terminal/messages.hpp"

namespace harpy::tools {

void add_convert_command(CLI::App& program) {
  struct Options {
    std::filesystem::path model, package;
    kaldi::ConversionOptions conversion;
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
  command
      ->add_option(
          "--graph", options->conversion.graph_folder,
          "Folder of HCLG.fst, words.txt and phones, where it is not in MODEL_DIR: recipes "
          "of Kaldi keep graphs beside the tree")
      ->check(CLI::ExistingDirectory);
  command
      ->add_option("--max-graph-arcs", options->conversion.most_arcs,
                   "Most arcs of a graph that is composed of HCLr.fst and Gr.fst; composing takes "
                   "about 60 bytes of memory for each, the package 16")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      ->add_option("--silence-weight", options->conversion.silence_weight,
                   "How much silent frames count where i-vectors are estimated, 0 to 1; unless it "
                   "is given, 0.001 in Vosk's packages and 1 in Kaldi's folders, as in their own "
                   "decoders")
      ->check(CLI::Range(0.0, 1.0));
  command->callback([options] {
    const kaldi::ConversionReport report =
        kaldi::convert_model(options->model, options->package, options->conversion);
    std::printf("graph %s: %lld states, %lld arcs, %.1f s\n",
                report.is_composed ? "composed of HCLr.fst and Gr.fst" : "read",
                static_cast<long long>(report.state_count),
                static_cast<long long>(report.arc_count), report.graph_seconds);
    if (!report.left_out.empty()) {
      tell_warning(report.left_out.string() +
                   ": neural language models are not supported, it is left out");
    }
  });
}

}  // namespace harpy::tools
