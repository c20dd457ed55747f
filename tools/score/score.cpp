#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>

#include "service/json/json_text.hpp"
#include "tools/options/commands.hpp"
#include "tools/score/score_report.hpp"
#include "tools/score/text_normaliser.hpp"

namespace harpy::tools {

namespace {

struct ScoreOptions {
  std::filesystem::path reference;
  std::filesystem::path hypothesis;
  std::string format = "text";
  bool characters = false;
  bool per_speaker = false;
  bool alignments = false;
  bool normalise = false;
  std::filesystem::path table;
};

using Texts = std::map<std::string, ScoredText>;

void normalise_texts(const TextNormaliser& normaliser, const std::filesystem::path& path,
                     Texts& texts) {
  for (auto& [id, text] : texts) {
    try {
      text.text = normaliser.normalise(text.text);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(path.string() + ": utterance \"" + id + "\": " + error.what());
    }
  }
}

ScoreReport report_of(const ScoreOptions& options) {
  Texts references = read_scored_texts(options.reference);
  Texts hypotheses = read_scored_texts(options.hypothesis);
  if (references.empty()) {
    throw std::runtime_error(options.reference.string() + ": holds no transcript");
  }
  std::string normalisation;
  if (options.normalise || !options.table.empty()) {
    const TextNormaliser normaliser(options.table.empty()
                                        ? english_normalisation_table()
                                        : read_normalisation_table(options.table));
    normalise_texts(normaliser, options.reference, references);
    normalise_texts(normaliser, options.hypothesis, hypotheses);
    normalisation = options.table.empty() ? "english" : options.table.string();
  }
  try {
    ScoreReport report = make_score_report(
        references, hypotheses, options.characters ? ScoreUnit::kCharacters : ScoreUnit::kWords);
    report.normalisation = normalisation;
    return report;
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(options.hypothesis.string() + ": " + error.what() + " " +
                             options.reference.string());
  }
}

void score(const ScoreOptions& options) {
  const ScoreReport report = report_of(options);
  if (options.format == "json") {
    std::printf("%s\n", indented_json(json_report(report, options.alignments)).c_str());
    return;
  }
  if (options.alignments) {
    for (const UtteranceScore& utterance : report.utterances) {
      std::printf("%s\n", alignment_text(utterance).c_str());
    }
  }
  if (options.per_speaker) std::printf("%s\n", speaker_table(report).c_str());
  std::fputs(total_text(report).c_str(), stdout);
}

}  // namespace

void add_score_command(CLI::App& program) {
  auto options = std::make_shared<ScoreOptions>();
  CLI::App* command =
      program.add_subcommand("score", "Compare transcripts with what was really said (WER, CER)");
  command->footer(
      "Words are aligned and counted as NIST's sclite does with -s: letter case counts unless "
      "texts are normalised.");
  command
      ->add_option(
          "REFERENCE", options->reference,
          "What was said: a manifest (JSON lines), lines 'ID WORDS' or sclite's 'WORDS (ID)'")
      ->required();
  command
      ->add_option("HYPOTHESIS", options->hypothesis, "What was recognised, in any of these forms")
      ->required();
  command->add_flag("--characters", options->characters,
                    "Count characters (CER) instead of words (WER)");
  command->add_flag("--per-speaker", options->per_speaker,
                    "Print a table with a line for each speaker before the total");
  command->add_flag("--alignments", options->alignments,
                    "Print every utterance aligned with its reference");
  CLI::Option* normalise = command->add_flag(
      "--normalise", options->normalise,
      "Bring both into one form before: letter case, punctuation, English numbers and spellings");
  command
      ->add_option("--normalise-with", options->table,
                   "As --normalise, by a table for another language (docs/score.md)")
      ->check(CLI::ExistingFile)
      ->excludes(normalise);
  command
      ->add_option("--format", options->format,
                   "Form of the report; json has every utterance and speaker (docs/formats.md)")
      ->check(CLI::IsMember({"text", "json"}));
  command->callback([options] { score(*options); });
}

}  // namespace harpy::tools
