#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>

#include "service/json/json_text.hpp"
#include "tools/commands.hpp"
#include "tools/score/score_report.hpp"

namespace harpy::tools {

namespace {

struct ScoreOptions {
  std::filesystem::path reference;
  std::filesystem::path hypothesis;
  std::string format = "text";
  bool characters = false;
  bool per_speaker = false;
  bool alignments = false;
};

ScoreReport report_of(const ScoreOptions& options) {
  const auto references = read_scored_texts(options.reference);
  const auto hypotheses = read_scored_texts(options.hypothesis);
  if (references.empty()) {
    throw std::runtime_error(options.reference.string() + ": holds no transcript");
  }
  try {
    return make_score_report(references, hypotheses,
                             options.characters ? ScoreUnit::kCharacters : ScoreUnit::kWords);
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
      "Words are aligned and counted as NIST's sclite does with -s: letter case counts.");
  command
      ->add_option("REFERENCE", options->reference,
                   "What was said: a manifest (JSON lines) or lines 'ID WORDS'")
      ->required();
  command->add_option("HYPOTHESIS", options->hypothesis, "What was recognised, in either form")
      ->required();
  command->add_flag("--characters", options->characters,
                    "Count characters (CER) instead of words (WER)");
  command->add_flag("--per-speaker", options->per_speaker,
                    "Print a table with a line for each speaker before the total");
  command->add_flag("--alignments", options->alignments,
                    "Print every utterance aligned with its reference");
  command
      ->add_option("--format", options->format,
                   "Form of the report; json has every utterance and speaker (docs/formats.md)")
      ->check(CLI::IsMember({"text", "json"}));
  command->callback([options] { score(*options); });
}

}  // namespace harpy::tools
