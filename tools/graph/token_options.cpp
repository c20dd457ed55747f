#include "tools/graph/token_options.hpp"

#include <stdexcept>

#include <CLI/CLI.hpp>

namespace harpy::tools {

namespace {

constexpr int kMostSpellings = 1000;

/// Checks --blank.
std::string check_blank(const std::string& text) {
  try {
    BlankColumn::parse(text);
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

}  // namespace

CLI::Option* add_token_options(CLI::App& command, TokenOptions& options, GraphSources& sources) {
  CLI::Option* tokens =
      command
          .add_option(
              "--tokens", sources.tokens,
              "What the outputs of another program's network stand for: a file with a "
              "token a line, or TOKEN ID, or SentencePiece's vocabulary. Without --lexicon, "
              "words are spelled in these tokens")
          ->check(CLI::ExistingFile);
  command
      .add_option("--blank", options.blank,
                  "Which output is the blank: its number from 0, last, behind (the last one, which "
                  "the tokens leave out) or none; without it 0, and none where the topology has no "
                  "blank")
      ->check(CLI::Validator(check_blank, "{NUMBER,last,behind,none}", "blank"))
      ->type_name("TEXT");
  command
      .add_option("--spellings", sources.spelling.most_spellings,
                  "Most ways in which a word is spelled in tokens, those of the fewest tokens "
                  "first: the larger, the larger the graph")
      ->check(CLI::Range(1, kMostSpellings))
      ->needs(tokens);
  command
      .add_option("--case", options.letter_case,
                  "Case that the letters of the lexicon's words are changed to; without it upper, "
                  "and keep with --tokens")
      ->check(CLI::IsMember({"upper", "lower", "keep"}));
  command
      .add_option(
          "--topology", options.topology,
          "How a label turns into frames: with blanks between labels (ctc), as one state with a "
          "loop (one-state), as three states (three-state)")
      ->check(
          CLI::IsMember(std::vector<std::string>{kTopologyNames.begin(), kTopologyNames.end()}));
  command
      .add_option("--word-cost", sources.word_cost,
                  "What each word costs beside the language model, in nats: the larger, the fewer "
                  "and the longer are the words that are recognised; that of a model package, or "
                  "nothing, if not given")
      ->check(CLI::Range(0.0, 20.0));
  return tokens;
}

}  // namespace harpy::tools
