#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "decoder/language_model/ngram_counts.hpp"
#include "decoder/language_model/ngram_model.hpp"

namespace harpy {

/// What the counts of the orders below the highest are.
enum class LowerOrders {
  kContinuations,  ///< number of distinct words before the n-gram (Kneser and Ney)
  kOccurrences,    ///< occurrences in the text (absolute discounting): true relative frequencies
};

struct KneserNeyOptions {
  /// Words in the longest n-grams, at most the order of the counts; 0: that order.
  int order = 0;
  /// N-grams of 2, 3, ... words counted at most so often are left out (contexts of longer ones
  /// stay); orders not named: 0. Larger: a smaller, worse model.
  std::vector<std::uint32_t> cutoffs;
  LowerOrders lower_orders = LowerOrders::kContinuations;
};

/// What is subtracted from counts of 1, of 2, and of 3 or more.
struct Discounts {
  std::array<double, 3> values;
  bool estimated;  ///< false where the counts of counts did not allow the formula

  double operator()(std::uint32_t count) const {
    return count == 0 ? 0.0 : values[count < 3 ? count - 1 : 2];
  }
};

/// Discounts of one order from the numbers of n-grams counted once, twice, 3 and 4 times:
///   Y = n1 / (n1 + 2 n2),  D_k = k - (k + 1) Y n_{k+1} / n_k.
/// Where one of them is 0 or a discount would fall outside 0..k, all three are Y; where n1 or n2 is
/// 0, they are 1/2.
Discounts estimate_discounts(const std::array<std::uint64_t, 4>& counts_of_counts);

struct KneserNeyEstimate {
  NgramModel model;
  std::vector<Discounts> discounts;  ///< of the orders 1, 2, ...
};

/// Interpolated modified Kneser-Ney model of counts: with c the count of an n-gram h w in its
/// order,
///   p(w | h) = max(c - D(c), 0) / sum of c(h v) over v + backoff(h) p(w | h without its first
///   word),
/// backoff(h) being the mass left by discounts and cut-offs; the unigrams are interpolated with
/// equal probabilities of all words but <s>. The counts of the highest order and of n-grams that
/// begin a stretch of text are occurrences; those of the others as options.lower_orders says.
/// Errors: std::invalid_argument for wrong options; std::runtime_error where nothing was counted.
/// Source: S. Chen, J. Goodman, An Empirical Study of Smoothing Techniques for Language Modeling,
/// TR-10-98, Harvard 1998, section 3.
KneserNeyEstimate estimate_kneser_ney(const Vocabulary& vocabulary, const NgramCounts& counts,
                                      const KneserNeyOptions& options);

}  // namespace harpy
