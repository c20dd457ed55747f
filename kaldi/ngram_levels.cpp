#include "kaldi/ngram_levels.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include "decoder/language_model/mapped_ngram.hpp"

namespace harpy::kaldi {

NgramModel lay_out_ngrams(Vocabulary vocabulary, std::vector<ListedNgram> unigrams,
                          const std::function<std::vector<ListedNgram>(std::int64_t)>& followers,
                          std::size_t most_ngrams) {
  std::vector<NgramLevel> levels;
  std::size_t ngram_count = unigrams.size();
  for (std::vector<ListedNgram> list = std::move(unigrams); !list.empty();) {
    if (levels.size() == kMaxMappedOrder) {
      throw std::invalid_argument("n-grams of more than " + std::to_string(kMaxMappedOrder) +
                                  " words");
    }
    std::vector<ListedNgram> longer;
    NgramLevel level;
    level.first_child.push_back(0);
    for (const ListedNgram& ngram : list) {
      level.words.push_back(ngram.word);
      level.log_probabilities.push_back(ngram.log_probability);
      level.log_backoffs.push_back(ngram.log_backoff);
      if (ngram.context != ListedNgram::kNoContext) {
        const std::vector<ListedNgram> behind = followers(ngram.context);
        ngram_count += behind.size();
        if (ngram_count > most_ngrams) throw std::invalid_argument("contexts in a circle");
        longer.insert(longer.end(), behind.begin(), behind.end());
      }
      level.first_child.push_back(static_cast<std::uint32_t>(longer.size()));
    }
    if (longer.empty()) {
      level.log_backoffs.clear();
      level.first_child.clear();
    }
    levels.push_back(std::move(level));
    list = std::move(longer);
  }
  return {std::move(vocabulary), std::move(levels)};
}

}  // namespace harpy::kaldi
