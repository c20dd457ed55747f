#pragma once

#include <cstdint>

#include "decoder/language_model/ngram_model.hpp"

namespace harpy {

struct PruningOptions {
  /// N-grams whose loss would raise the perplexity by less than this fraction of it are dropped; 0:
  /// none. Typical 1e-9 to 1e-7. Larger: a smaller, worse model.
  double threshold = 0.0;
  /// At most this many n-grams stay, unigrams included, those whose loss would cost most; 0: no
  /// limit. Unigrams always stay.
  std::uint64_t max_ngrams = 0;
};

/// Drops n-grams of 2 words and more by the relative entropy between the model with and without
/// each, and renews the back-off weights. An n-gram stays while one that extends it stays.
///
/// The loss of h w is, with b' the back-off weight of h without w and h' = h without its first
/// word,
///   D = -p(h) { p(w|h) [log p(w|h') + log b' - log p(w|h)]
///               + (log b' - log b) (1 - sum of p(v|h) over the children v of h) },
/// and exp(D) - 1 is compared with the threshold. `histories` gives p(h) by the chain rule, p(<s>)
/// being p(</s>); the model itself may serve, but a Kneser-Ney model's lower orders do not tell how
/// frequent contexts are. Both models have one vocabulary. Errors: std::invalid_argument.
/// Source: A. Stolcke, Entropy-based Pruning of Backoff Language Models, 1998 (and, on the
/// histories, C. Chelba et al., Study on Interaction between Entropy Pruning and Kneser-Ney
/// Smoothing, 2010).
void prune(NgramModel& model, const NgramModel& histories, const PruningOptions& options);

}  // namespace harpy
