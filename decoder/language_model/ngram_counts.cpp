#include "decoder/language_model/ngram_counts.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace harpy {

namespace {

constexpr std::uint32_t kNoNgram = std::numeric_limits<std::uint32_t>::max();
/// Digits of the radix sort.
constexpr unsigned kDigitBits = 11;
constexpr std::uint32_t kDigits = 1U << kDigitBits;

/// One occurrence of an n-gram.
struct Occurrence {
  std::uint32_t context;   ///< index of the (n-1)-gram before the last word
  std::uint32_t word;      ///< last word
  std::uint32_t position;  ///< of the last word in the text
};

/// Least-significant-digit radix sort by one field; stable. `scratch` is as long as `records`.
template <std::uint32_t Occurrence::*field>
void sort_by(std::vector<Occurrence>& records, std::vector<Occurrence>& scratch,
             std::uint32_t largest) {
  for (unsigned shift = 0; shift < 32 && (largest >> shift) > 0; shift += kDigitBits) {
    std::array<std::size_t, kDigits> offsets{};
    for (const Occurrence& record : records) ++offsets[(record.*field >> shift) % kDigits];
    std::size_t total = 0;
    for (std::size_t& offset : offsets) total += std::exchange(offset, total);
    for (const Occurrence& record : records) {
      scratch[offsets[(record.*field >> shift) % kDigits]++] = record;
    }
    records.swap(scratch);
  }
}

class Counter {
 public:
  Counter(std::span<const WordId> tokens, const Vocabulary& vocabulary)
      : tokens_(tokens),
        outside_word_(static_cast<WordId>(vocabulary.size())),
        sentence_start_(vocabulary.sentence_start()) {}

  CountLevel count_words() {
    CountLevel level;
    const std::size_t size = outside_word_ + 1;
    level.words.resize(size);
    for (WordId word = 0; word < size; ++word) level.words[word] = word;
    level.counts.resize(size);
    ngram_at_.resize(tokens_.size());
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      ngram_at_[i] = std::min(tokens_[i], outside_word_);
      ++level.counts[ngram_at_[i]];
    }
    return level;
  }

  /// Counts the n-grams one word longer than those of `shorter`, the last level counted.
  CountLevel count_longer(CountLevel& shorter) {
    collect_occurrences();
    scratch_.resize(occurrences_.size());
    sort_by<&Occurrence::word>(occurrences_, scratch_, outside_word_);
    sort_by<&Occurrence::context>(occurrences_, scratch_,
                                  static_cast<std::uint32_t>(shorter.size()));
    CountLevel level;
    shorter.first_child.assign(shorter.size() + 1, 0);
    std::vector<std::uint32_t> longer_at(tokens_.size(), kNoNgram);
    const Occurrence* previous = nullptr;
    for (const Occurrence& record : occurrences_) {
      if (previous == nullptr || record.context != previous->context ||
          record.word != previous->word) {
        level.words.push_back(record.word);
        level.counts.push_back(0);
        level.suffixes.push_back(ngram_at_[record.position]);
        ++shorter.first_child[record.context + 1];
      }
      ++level.counts.back();
      longer_at[record.position] = static_cast<std::uint32_t>(level.size() - 1);
      previous = &record;
    }
    for (std::size_t i = 0; i < shorter.size(); ++i) {
      shorter.first_child[i + 1] += shorter.first_child[i];
    }
    ngram_at_ = std::move(longer_at);
    return level;
  }

 private:
  /// Whether no n-gram reaches from this word to one before it.
  bool begins_stretch(WordId token) const {
    return token == sentence_start_ || token >= outside_word_;
  }

  void collect_occurrences() {
    occurrences_.clear();
    for (std::size_t i = 1; i < tokens_.size(); ++i) {
      if (ngram_at_[i - 1] == kNoNgram || begins_stretch(tokens_[i])) continue;
      occurrences_.push_back({ngram_at_[i - 1], tokens_[i], static_cast<std::uint32_t>(i)});
    }
  }

  std::span<const WordId> tokens_;
  WordId outside_word_;
  WordId sentence_start_;
  std::vector<std::uint32_t> ngram_at_;  ///< the n-gram of the last order that ends at a token
  std::vector<Occurrence> occurrences_;
  std::vector<Occurrence> scratch_;
};

}  // namespace

NgramRange ngrams_beginning_with(const NgramCounts& counts, int order, WordId first_word) {
  NgramRange range{first_word, first_word + 1};
  for (int n = 1; n < order; ++n) {
    const auto& first_child = counts.levels[n - 1].first_child;
    range = {first_child[range.begin], first_child[range.end]};
  }
  return range;
}

NgramCounts count_ngrams(std::span<const WordId> tokens, const Vocabulary& vocabulary, int order) {
  if (order < 1) {
    throw std::invalid_argument("n-gram order: expected at least 1, got " + std::to_string(order));
  }
  if (tokens.size() >= kNoNgram) {
    throw std::invalid_argument("a text to count: expected fewer than 2^32 words, got " +
                                std::to_string(tokens.size()));
  }
  Counter counter(tokens, vocabulary);
  NgramCounts counts;
  counts.levels.push_back(counter.count_words());
  while (counts.order() < order) {
    counts.levels.push_back(counter.count_longer(counts.levels.back()));
  }
  return counts;
}

}  // namespace harpy
