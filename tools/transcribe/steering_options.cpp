#include "tools/transcribe/steering_options.hpp"

#include <CLI/CLI.hpp>

namespace harpy::tools {

void add_steering_options(CLI::App& command, SteeringFiles& steering) {
  CLI::Option* phrases =
      command.add_option("--phrases", steering.phrases,
                         "Let only phrases be said, in place of the model's language: a file with "
                         "one a line, [unk] for anything else");
  CLI::Option* grammar =
      command
          .add_option(
              "--grammar", steering.grammar,
              "Let only what a grammar allows be said: a file in the JSpeech Grammar Format")
          ->excludes(phrases);
  grammar->check(CLI::ExistingFile);
  phrases->check(CLI::ExistingFile);
  command
      .add_option("--hot-phrases", steering.hot_phrases,
                  "Recognise phrases more readily: a file with one a line, a tab and its boost in "
                  "nats behind it")
      ->check(CLI::ExistingFile);
  command
      .add_option("--boost", steering.boost,
                  "Boost of hot phrases that have none in the file, in nats: the larger, the more "
                  "often they are found, also where they were not said")
      ->check(CLI::Range(-20.0, 20.0));
  command
      .add_option("--new-words", steering.new_words,
                  "Know words that the model lacks: a file with one a line, its phones behind or, "
                  "without, pronounced as it is spelled")
      ->check(CLI::ExistingFile);
  command
      .add_option("--new-word-cost", steering.new_word_cost,
                  "What a new word costs, in nats: the larger, the less often it is found, also "
                  "where it was not said")
      ->check(CLI::Range(0.0, 20.0));
  command
      .add_option(
          "--unknown-phone-cost", steering.unknown_phone_cost,
          "What each phone of the grammar's word [unk] costs, in nats: the larger, the less "
          "is rejected")
      ->check(CLI::Range(0.0, 20.0));
}

}  // namespace harpy::tools
