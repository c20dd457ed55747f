#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "decoder/lattice/word_confidence.hpp"
#include "tools/lattice/lattice_file.hpp"
#include "tools/score/scored_texts.hpp"

namespace harpy::tools {

/// What lattices have in all.
struct LatticeSummary {
  std::int64_t utterances = 0;
  std::int64_t states = 0;
  std::int64_t arcs = 0;
  std::int64_t frames = 0;         ///< of the longest paths
  std::int64_t words = 0;          ///< of the best paths
  std::int64_t crossing_arcs = 0;  ///< arcs over each frame, summed over frames

  /// Arcs that cross a frame, in the mean (Kaldi's lattice density).
  double density() const;
};
LatticeSummary summarise(const LatticeFile& file);

/// A line an utterance: id, states, arcs, the best path's cost and words; then one for all.
std::string summary_text(const LatticeFile& file);

/// The `count` best word sequences of each utterance: lines "ID-RANK COST WORD ...".
std::string n_best_text(const LatticeFile& file, std::size_t count);

/// The best word sequence of each utterance with confidences: lines "ID WORD CONFIDENCE ...".
std::string words_text(const LatticeFile& file, const ConfidenceScale& scale);

/// The confusion network of each utterance around its minimum-Bayes-risk sequence: a line a place,
/// "ID BEGIN END WORD PROBABILITY WORD PROBABILITY ...", likeliest first, in frames. Places where
/// only "no word" is likely are left out.
std::string confusion_text(const LatticeFile& file, double scale);

/// Errors of the paths that are nearest to references.
struct OracleErrors {
  std::int64_t utterances = 0;
  std::int64_t missing = 0;  ///< references without a lattice: all their words are errors
  std::int64_t reference_words = 0;
  std::int64_t errors = 0;

  double error_rate_percent() const;
};

/// Finds the oracle error of lattices, or that of their `best_count` best word sequences if it is
/// above 0. Errors: std::runtime_error for an utterance without reference.
OracleErrors oracle_errors(const LatticeFile& file, const std::map<std::string, ScoredText>& texts,
                           std::size_t best_count);

}  // namespace harpy::tools
