#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "decoder/language_model/ngram_model.hpp"
#include "decoder/written/hidden_events.hpp"
#include "decoder/written/pause_scores.hpp"
#include "decoder/written/true_casing.hpp"

namespace harpy {

/// A written word whose marks and capitals are to be found.
struct PlainToken {
  std::string text;
  bool is_cased = false;  ///< its letters are as they must be, but for the beginning of a sentence
  double pause_s = -1.0;  ///< the silence behind it; below 0: not known
};

/// Capitals, commas, full stops and question marks (docs/written.md): marks are hidden events of an
/// n-gram model and of pauses, words are written as they are most often, sentences begin with a
/// capital. Threads: const access from any thread.
class Punctuation {
 public:
  /// Loads marks.arpa.gz, casing.txt and pauses.tsv of a folder. Errors: std::runtime_error naming
  /// the file and what is wrong.
  explicit Punctuation(const std::filesystem::path& folder);

  /// The texts of the tokens, of an utterance that begins a sentence, with capitals and marks.
  std::vector<std::string> apply(std::span<const PlainToken> tokens) const;

 private:
  NgramModel model_;
  TrueCasing casing_;
  PauseScores pauses_;
};

}  // namespace harpy
