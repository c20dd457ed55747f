#include "decoder/language_model/perplexity.hpp"

#include <algorithm>
#include <cmath>

namespace harpy {

void visit_predictions(const Corpus& corpus, const Vocabulary& vocabulary,
                       const std::function<void(std::span<const WordId>, WordId)>& visitor) {
  const std::span<const WordId> tokens = corpus.tokens;
  std::size_t context_begin = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] == vocabulary.sentence_start()) {
      context_begin = i;
    } else if (tokens[i] == kNoWord) {
      context_begin = i + 1;
    } else if (tokens[i] != vocabulary.unknown()) {
      visitor(tokens.subspan(context_begin, i - context_begin), tokens[i]);
    }
  }
}

double Perplexity::perplexity() const {
  const std::uint64_t predicted = word_count - unknown_count + sentence_count;
  return std::exp(-log_probability / static_cast<double>(std::max<std::uint64_t>(predicted, 1)));
}

double Perplexity::unknown_percent() const {
  return 100.0 * static_cast<double>(unknown_count) /
         static_cast<double>(std::max<std::uint64_t>(word_count, 1));
}

Perplexity measure_perplexity(const NgramModel& model, const Corpus& corpus) {
  Perplexity measured;
  measured.sentence_count = corpus.sentence_count;
  measured.word_count = corpus.word_count;
  std::uint64_t predicted = 0;
  visit_predictions(corpus, model.vocabulary(), [&](std::span<const WordId> context, WordId word) {
    measured.log_probability += static_cast<double>(model.log_probability(context, word));
    ++predicted;
  });
  measured.unknown_count = measured.word_count + measured.sentence_count - predicted;
  return measured;
}

}  // namespace harpy
