#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/lattice/compact_lattice.hpp"

namespace harpy {

/// How costs of a lattice become probabilities that hold: fitted on recordings with transcripts.
struct ConfidenceScale {
  /// A path's probability is proportional to exp(-posterior_scale * cost). Smaller: paths are more
  /// alike, and words less sure.
  double posterior_scale = 1.0;
  /// A word whose share of the paths is p has the confidence 1 / (1 + exp(-(slope log(p / (1 - p))
  /// + offset))). Of 1 and 0 it is p itself. A larger slope makes confidences more extreme, a
  /// larger offset makes words surer.
  double slope = 1.0;
  double offset = 0.0;

  bool operator==(const ConfidenceScale&) const = default;
};

/// The confidence of a word that has this share of the paths, in [0, 1].
double calibrated_confidence(double share, const ConfidenceScale& scale);

/// The probability of each word of a sequence that it was said in its place, calibrated; see
/// confusion_network. 0 for words of a lattice without paths.
/// Errors: std::invalid_argument for a posterior_scale out of range.
std::vector<double> word_confidences(const CompactLattice& lattice,
                                     std::span<const std::int32_t> words,
                                     const ConfidenceScale& scale);

}  // namespace harpy
