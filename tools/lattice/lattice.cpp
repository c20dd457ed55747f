#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "decoder/lattice/lattice_text.hpp"
#include "decoder/lattice/rescoring.hpp"
#include "models/files/replacement_file.hpp"
#include "service/json/json_text.hpp"
#include "tools/lattice/lattice_drawing.hpp"
#include "tools/lattice/lattice_file.hpp"
#include "tools/lattice/lattice_json.hpp"
#include "tools/lattice/lattice_report.hpp"
#include "tools/options/commands.hpp"
#include "tools/options/rescoring_options.hpp"

namespace harpy::tools {

namespace {

struct LatticeOptions {
  std::filesystem::path file;
  std::string utterance;
  RescoringOverrides rescoring;
  double beam = -1.0;
  CostScales scales;
  std::string format = "text";
  int count = 0;
  double posterior_scale = ConfidenceScale{}.posterior_scale;
  std::filesystem::path oracle;
  std::filesystem::path output;
};

constexpr int kUsualBestCount = 10;

void keep_one(LatticeFile& file, const std::string& id, const std::filesystem::path& path) {
  std::erase_if(file.lattices, [&](const NamedLattice& named) { return named.id != id; });
  if (file.lattices.empty()) {
    throw std::runtime_error(path.string() + ": has no utterance \"" + id + "\"");
  }
}

void rescore_all(LatticeFile& file, const RescoringOverrides& rescoring) {
  const auto map = [](const std::filesystem::path& path) {
    return std::make_shared<const MappedNgramModel>(path);
  };
  const LatticeRescorer rescorer(
      {.graph = map(rescoring.graph_language_model), .larger = map(rescoring.language_model)},
      file.words, rescoring.scale.value_or(1.0));
  for (NamedLattice& utterance : file.lattices) {
    std::optional<CompactLattice> rescored = rescorer.rescore(utterance.lattice);
    if (!rescored) {
      throw std::runtime_error("utterance \"" + utterance.id + "\": too large to be rescored");
    }
    utterance.lattice = std::move(*rescored);
  }
}

std::string oracle_text(const LatticeOptions& options, const LatticeFile& file) {
  const OracleErrors errors = oracle_errors(file, read_scored_texts(options.oracle),
                                            static_cast<std::size_t>(options.count));
  std::string text = "oracle WER " + json_line(rounded(errors.error_rate_percent(), 2)) + " %, " +
                     std::to_string(errors.errors) + " errors in " +
                     std::to_string(errors.reference_words) + " words of " +
                     std::to_string(errors.utterances) + " utterances";
  if (errors.missing > 0) text += ", " + std::to_string(errors.missing) + " without a lattice";
  return text + "\n";
}

std::string output_of(const LatticeOptions& options, const LatticeFile& file) {
  const std::string& format = options.format;
  if (!options.oracle.empty()) return oracle_text(options, file);
  if (format == "summary") return summary_text(file);
  if (format == "n-best") {
    return n_best_text(
        file, static_cast<std::size_t>(options.count > 0 ? options.count : kUsualBestCount));
  }
  if (format == "words") return words_text(file, {.posterior_scale = options.posterior_scale});
  if (format == "mbr") return least_risk_text(file, options.posterior_scale);
  if (format == "confusion") return confusion_text(file, options.posterior_scale);
  std::string text;
  for (const NamedLattice& utterance : file.lattices) {
    if (format == "text") text += lattice_text(utterance.id, utterance.lattice, file.words);
    if (format == "json") {
      text += json_line(lattice_json(utterance.id, utterance.lattice, file.words)) + "\n";
    }
    if (format == "dot") text += lattice_dot(utterance.id, utterance.lattice, file.words);
  }
  if (format != "svg") return text;
  if (file.lattices.size() != 1) {
    throw std::runtime_error("a picture shows one lattice of " +
                             std::to_string(file.lattices.size()) + ": choose by --utterance");
  }
  const NamedLattice& utterance = file.lattices[0];
  return svg_of_dot(lattice_dot(utterance.id, utterance.lattice, file.words));
}

void work_on_lattices(const LatticeOptions& options) {
  LatticeFile file = read_lattices(options.file);
  if (!options.utterance.empty()) keep_one(file, options.utterance, options.file);
  if (!options.rescoring.language_model.empty()) rescore_all(file, options.rescoring);
  for (NamedLattice& utterance : file.lattices) {
    utterance.lattice = rescale(utterance.lattice, options.scales);
    if (options.beam >= 0.0) utterance.lattice = prune(utterance.lattice, options.beam);
  }
  const std::string text = output_of(options, file);
  if (!options.output.empty()) return replace_file(options.output, text);
  std::cout << text << std::flush;
  if (!std::cout) throw std::runtime_error("standard output cannot be written to");
}

}  // namespace

void add_lattice_command(CLI::App& program) {
  auto options = std::make_shared<LatticeOptions>();
  CLI::App* command =
      program.add_subcommand("lattice", "Print, prune, convert, score or draw lattices");
  command
      ->add_option(
          "FILE", options->file,
          "Lattices: an archive of text (harpy transcribe --format lattice, Kaldi) or JSON "
          "lines, plain or gzip; - for standard input")
      ->required();
  command->add_option("--utterance", options->utterance, "Take this utterance alone");
  add_rescoring_options(*command, options->rescoring);
  command
      ->add_option("--prune", options->beam,
                   "Drop what costs more than the best path by more than so many nats")
      ->check(CLI::NonNegativeNumber)
      ->default_str("");
  command->add_option("--graph-scale", options->scales.graph, "Factor on graph costs")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--acoustic-scale", options->scales.acoustic,
                   "Factor on acoustic costs, which have the search's scale already")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--format", options->format,
                   "What is written: lattices as text or JSON lines; a summary; the best word "
                   "sequences; the best one's words with their probabilities; the words of least "
                   "expected errors; confusion networks; pictures for Graphviz or as SVG")
      ->check(CLI::IsMember(
          {"text", "json", "summary", "n-best", "words", "mbr", "confusion", "dot", "svg"}));
  command
      ->add_option("--count", options->count,
                   "Word sequences of n-best (10 unless given); with --oracle, look at so many of "
                   "the best alone")
      ->check(CLI::NonNegativeNumber)
      ->default_str("");
  command
      ->add_option("--posterior-scale", options->posterior_scale,
                   "Factor on costs where they become probabilities (words, mbr, confusion)")
      ->check(CLI::PositiveNumber);
  command->add_option(
      "--oracle", options->oracle,
      "Tell the word errors of the paths nearest to these transcripts: a manifest or "
      "any other text that harpy score reads");
  command->add_option("--output", options->output, "File to write; standard output if not given");
  command->callback([options] {
    if (options->rescoring.language_model.empty() !=
        options->rescoring.graph_language_model.empty()) {
      throw CLI::RequiredError("--rescore together with --rescore-graph-model");
    }
    work_on_lattices(*options);
  });
}

}  // namespace harpy::tools
