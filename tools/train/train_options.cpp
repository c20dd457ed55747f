#include "tools/train/train_options.hpp"

#include <map>

#include <CLI/CLI.hpp>

#include "tools/options/named_choice.hpp"

namespace harpy::tools {

void add_train_options(CLI::App& command, TrainCommandOptions& options) {
  command.add_option("--recipe", options.recipe, "Features, network and training settings (JSON)")
      ->required()
      ->check(CLI::ExistingFile);
  command
      .add_option("--train", options.train,
                  "What to train on: manifests (JSON lines with audio, text, id, speaker, start, "
                  "end) or Kaldi data directories")
      ->required();
  command
      .add_option(
          "--dev", options.dev,
          "What to validate on after each epoch: manifests or Kaldi data directories, as for "
          "--train")
      ->required();
  command.add_option(
      "--background", options.background,
      "Recordings in which nobody speaks, listed as for --train: the network learns to put out "
      "nothing for them, and recipes with a background_probability mix them into speech");
  CLI::Option* lexicon =
      command.add_option("--lexicon", options.lexicon, "Pronunciations, in CMUdict's format")
          ->check(CLI::ExistingFile);
  CLI::Option* spell = command.add_flag(
      "--spell", options.spell, "Spell words by their characters instead of using a lexicon");
  lexicon->excludes(spell);
  static const std::map<std::string, LetterCase> kLetterCases{
      {"keep", LetterCase::kKeep}, {"lower", LetterCase::kLower}, {"upper", LetterCase::kUpper}};
  command
      .add_option("--case", options.letter_case,
                  "Case that the letters of transcripts and lexicon are changed to")
      ->transform(choice_of(kLetterCases))
      ->type_name("TEXT")
      ->default_str("upper");
  command
      .add_option("--output", options.output,
                  "Folder for the model, the checkpoint and the log; made if missing")
      ->required();
  CLI::Option* initial =
      command
          .add_option("--initial", options.initial,
                      "Model package with the same network and units whose weights training "
                      "begins from: fine-tuning; random weights if not given")
          ->check(CLI::ExistingDirectory);
  command
      .add_option("--freeze", options.freeze,
                  "Layers that keep the weights of --initial: so many from the first one on, or "
                  "\"trunk\" for all but the output layers; little data then adapts what is left")
      ->type_name("COUNT|trunk")
      ->check([](const std::string& text) {
        const bool is_count = !text.empty() && text.size() < 6 &&
                              text.find_first_not_of("0123456789") == std::string::npos;
        return is_count || text == "trunk"
                   ? std::string()
                   : "expected a number of layers or \"trunk\", got " + text;
      })
      ->needs(initial);
  command
      .add_flag("--reset-output", options.reset_output,
                "Begin the output layers anew, with random weights: for other units than those "
                "of --initial")
      ->needs(initial);
  command.add_flag("--resume", options.resume,
                   "Go on from the checkpoint in the output folder, if there is one; from "
                   "checkpoint.compact if only that is there");
  command.add_flag(
      "--compact", options.compact,
      "Also write checkpoint.compact, a seventh as large, from which training can go on on "
      "another machine");
  command
      .add_option("--checkpoint-interval", options.checkpoint_interval_s,
                  "Seconds between checkpoints within an epoch; one is written after each epoch "
                  "too")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--epochs", options.epochs, "Passes over the data; 0: as many as the recipe says")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option(
          "--threads", options.threads,
          "Threads that compute; 0: as many as the machine has cores, or this process's part "
          "of them if several train together")
      ->check(CLI::NonNegativeNumber);
  command.add_option(
      "--feature-cache", options.feature_cache,
      "Folder that keeps computed features between runs, packed, and from which they and all else "
      "that is known of each utterance are read as they are needed, so that any number of hours "
      "needs no more memory; without it features are computed anew and all lies in memory. Several "
      "processes (mpirun, srun) that train together need it");
  static const std::map<std::string, UnknownWords> kUnknownWords{{"guess", UnknownWords::kGuess},
                                                                 {"refuse", UnknownWords::kRefuse}};
  command
      .add_option("--unknown-words", options.unknown_words,
                  "Words that the lexicon lacks: guess their sound from its other words, or refuse "
                  "the transcript")
      ->transform(choice_of(kUnknownWords))
      ->type_name("TEXT")
      ->default_str("guess");
  command
      .add_option(
          "--graph", options.graph,
          "Graph that word errors are counted with; harpy graph makes it, for the same labels")
      ->check(CLI::ExistingFile);
  command
      .add_option(
          "--graph-interval", options.graph_interval_epochs,
          "Epochs between two counts of word errors with --graph; they are counted after the last "
          "epoch in any case")
      ->check(CLI::PositiveNumber);
  command.add_flag("--strict", options.refuse_bad_entries,
                   "Fail if an utterance cannot be used, instead of leaving it out");
  command.add_option("--language", options.language,
                     "Language of the recordings, as the model package names it (BCP 47)");
  add_computing_options(command, options.computing, true);
}

}  // namespace harpy::tools
