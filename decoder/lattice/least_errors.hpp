#pragma once

#include <cstdint>
#include <vector>

#include "decoder/lattice/compact_lattice.hpp"
#include "decoder/lattice/n_best.hpp"

namespace harpy {

/// A word of the sequence of least expected errors.
struct LikelyWord {
  std::int32_t word = 0;
  double share = 0.0;  ///< of the lattice's paths that have the word in its place
  /// The word of `path` that stands in the same place, mostly the same one; -1: there is none.
  std::int32_t path_word = -1;
  /// Between which the lattice has the word on average, at least one frame; for words that the path
  /// lacks.
  std::int32_t begin_frame = 0;
  std::int32_t end_frame = 0;
};

/// The word sequence of least expected errors and the path through the lattice that is nearest to
/// it, which says when words were spoken. Words that are likelier not to have been said than any
/// other word in their place are on the path but not in the sequence.
struct LeastErrors {
  std::vector<LikelyWord> words;
  LatticePath path;
};

/// Finds them by minimum_bayes_risk and oracle_path. Cost and memory: arcs times words; a lattice
/// for which that is more than 2^25, minutes of speech in one utterance, gives its best path with
/// shares of 1. Errors: std::invalid_argument for a scale out of range.
LeastErrors least_errors(const CompactLattice& lattice, double scale);

}  // namespace harpy
