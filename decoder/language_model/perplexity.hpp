#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "decoder/language_model/corpus.hpp"
#include "decoder/language_model/ngram_model.hpp"

namespace harpy {

/// Calls visitor(context, word) for each word and sentence end of `corpus` that the vocabulary
/// holds. The context reaches back to <s>, or to the last word the vocabulary lacks.
void visit_predictions(const Corpus& corpus, const Vocabulary& vocabulary,
                       const std::function<void(std::span<const WordId>, WordId)>& visitor);

/// How well a model predicts a text.
struct Perplexity {
  std::uint64_t sentence_count = 0;
  std::uint64_t word_count = 0;     ///< without sentence ends
  std::uint64_t unknown_count = 0;  ///< words among them that the model lacks; not predicted
  double log_probability = 0.0;     ///< natural, of known words and sentence ends

  /// exp(-log_probability / (known words + sentence ends)); 1 for an empty text.
  double perplexity() const;
  /// Unknown words in per cent of all words; 0 for an empty text.
  double unknown_percent() const;
};

/// Measures a text in the numbers of the model's vocabulary.
Perplexity measure_perplexity(const NgramModel& model, const Corpus& corpus);

}  // namespace harpy
