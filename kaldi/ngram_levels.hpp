#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "decoder/language_model/ngram_model.hpp"

namespace harpy::kaldi {

/// An n-gram as a file has it.
struct ListedNgram {
  /// There are no n-grams one word longer.
  static constexpr std::int64_t kNoContext = -1;

  WordId word = 0;  ///< the last one
  float log_probability = 0.0F;
  float log_backoff = 0.0F;
  std::int64_t context = kNoContext;  ///< what the file knows it by as a context
};

/// Lays a model out by the n-grams behind each context, which `followers` lists by ascending words.
/// `unigrams` has one for each word of the vocabulary, in order.
/// Errors: std::invalid_argument for more than `most_ngrams`, or n-grams of more words than
/// kMaxMappedOrder.
NgramModel lay_out_ngrams(Vocabulary vocabulary, std::vector<ListedNgram> unigrams,
                          const std::function<std::vector<ListedNgram>(std::int64_t)>& followers,
                          std::size_t most_ngrams);

}  // namespace harpy::kaldi
