#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "acoustic/training/trainer.hpp"
#include "decoder/graph/lexicon.hpp"
#include "tools/options/computing.hpp"
#include "tools/train/transcript_labels.hpp"

namespace CLI {
class App;
}

namespace harpy::tools {

/// The command line of harpy train; its help says what each option means.
struct TrainCommandOptions {
  std::filesystem::path recipe;
  std::vector<std::filesystem::path> train;
  std::vector<std::filesystem::path> dev;
  std::vector<std::filesystem::path> background;
  std::filesystem::path lexicon;
  bool spell = false;
  LetterCase letter_case = LetterCase::kUpper;
  std::filesystem::path output;
  std::filesystem::path initial;
  bool reset_output = false;
  std::string freeze;
  std::filesystem::path feature_cache;
  bool resume = false;
  bool compact = false;
  std::filesystem::path graph;
  std::int64_t graph_interval_epochs = 1;
  bool refuse_bad_entries = false;
  UnknownWords unknown_words = UnknownWords::kGuess;
  std::int64_t epochs = 0;
  double checkpoint_interval_s = TrainerOptions().checkpoint_interval_s;
  int threads = 0;
  std::string language = "en";
  ComputingOptions computing;
};

/// Adds the options of harpy train to its command.
void add_train_options(CLI::App& command, TrainCommandOptions& options);

}  // namespace harpy::tools
