#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/lattice/compact_lattice.hpp"

namespace harpy {

/// A word in a place of a confusion network.
struct ConfusedWord {
  std::int32_t word = 0;     ///< 0: no word is there
  double probability = 0.0;  ///< the words of a place sum to 1
  /// Mean frames of the states that its arcs lie between; 0 for no word.
  double begin_frame = 0.0;
  double end_frame = 0.0;
};

/// The paths of a lattice laid over a word sequence: before, between and behind its words, and at
/// each of them, stands a place with all that paths have there. Also known as a sausage.
struct ConfusionNetwork {
  std::vector<std::int32_t> words;                ///< the sequence that all is laid over
  std::vector<std::vector<ConfusedWord>> places;  ///< [2 words + 1], likeliest word first
  /// Mean number of word errors of the sequence, if the words that were said are distributed as the
  /// lattice's paths are; approximate, see confusion_network.
  double expected_errors = 0.0;

  /// The place of a word of the sequence.
  const std::vector<ConfusedWord>& place_of(std::size_t word_index) const {
    return places[2 * word_index + 1];
  }
  /// What the place of a word of the sequence has of that word; of no probability if nothing.
  ConfusedWord entry_of(std::size_t word_index) const;
  /// The probability that the word of the sequence was said there.
  double probability_of(std::size_t word_index) const;
};

/// Aligns all paths of a lattice with a word sequence by edit distance. Paths have probabilities
/// proportional to exp(-scale * cost). The alignment of a path's end depends on all paths to the
/// same state together, so that the work is arcs x words instead of a power of it.
/// Source: Xu, Povey, Mangu and Zhu 2011, "Minimum Bayes Risk decoding and system combination based
/// on a recursion for edit distance", algorithm 4 (Kaldi's sausages).
/// Errors: std::invalid_argument for a scale out of range.
ConfusionNetwork confusion_network(const CompactLattice& lattice,
                                   std::span<const std::int32_t> words, double scale);

/// The word sequence of least expected errors, found from that of least cost on by taking the
/// likeliest word of each place until nothing changes (the same source, algorithm 5).
ConfusionNetwork minimum_bayes_risk(const CompactLattice& lattice, double scale);
/// The same for whom the sequence of least cost is known.
ConfusionNetwork minimum_bayes_risk(const CompactLattice& lattice,
                                    std::span<const std::int32_t> best_words, double scale);

}  // namespace harpy
