#include "decoder/lattice/word_confidence.hpp"

#include <algorithm>
#include <cmath>

#include "decoder/lattice/confusion_network.hpp"

namespace harpy {

double calibrated_confidence(double share, const ConfidenceScale& scale) {
  if (share <= 0.0) return 0.0;
  // Shares are sums that may miss 1 by their rounding; beyond this they say no more.
  constexpr double kSurest = 1.0 - 1e-6;
  const double bounded = std::min(share, kSurest);
  const double logit = scale.slope * std::log(bounded / (1.0 - bounded)) + scale.offset;
  return 1.0 / (1.0 + std::exp(-logit));
}

std::vector<double> word_confidences(const CompactLattice& lattice,
                                     std::span<const std::int32_t> words,
                                     const ConfidenceScale& scale) {
  const ConfusionNetwork network = confusion_network(lattice, words, scale.posterior_scale);
  std::vector<double> confidences(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    confidences[i] = calibrated_confidence(network.probability_of(i), scale);
  }
  return confidences;
}

}  // namespace harpy
