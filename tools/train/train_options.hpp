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
  fs::path recipe;
  std::vector<fs::path> train;
  std::vector<fs::path> dev;
  std::vector<fs::path> background;
  fs::path lexicon;
  bool spell = false;
  LetterCase letter_case = LetterCase::kUpper;
  fs::path output;
  fs::path initial;
  bool reset_output = false;
  std::string freeze;
  fs::path feature_cache;
  bool resume = false;
  bool compact = false;
  fs::path graph;
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
