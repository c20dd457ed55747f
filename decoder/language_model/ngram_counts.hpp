#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/language_model/vocabulary.hpp"

namespace harpy {

/// The distinct n-grams of one order, sorted by their words from the first to the last. N-grams
/// that share all but the last word are the children of one (n-1)-gram and lie side by side.
struct CountLevel {
  std::vector<WordId> words;            ///< last word
  std::vector<std::uint32_t> counts;    ///< occurrences in the text
  std::vector<std::uint32_t> suffixes;  ///< index of the (n-1)-gram without the first word; n > 1
  std::vector<std::uint32_t>
      first_child;  ///< size() + 1 offsets into the next level; empty in the last

  std::size_t size() const { return words.size(); }
};

/// Counts of all n-grams up to an order. Level 0 holds the single words by number, and after them
/// one entry for all words outside the vocabulary.
///
/// Such a word is never predicted, but words after it are: it begins a new stretch of text as <s>
/// does, and no n-gram reaches back beyond it.
struct NgramCounts {
  std::vector<CountLevel> levels;

  int order() const { return static_cast<int>(levels.size()); }
};

/// Half-open range of indices into a level.
struct NgramRange {
  std::uint32_t begin;
  std::uint32_t end;
};

/// The n-grams of `order` words that begin with `first_word`.
NgramRange ngrams_beginning_with(const NgramCounts& counts, int order, WordId first_word);

/// Counts the n-grams of `tokens` (as in Corpus; kNoWord for words outside the vocabulary) up to
/// `order` words. Cost: one radix sort per order; 28 bytes a token beside the result. Errors:
/// std::invalid_argument for an order below 1 or 2^32 tokens or more.
NgramCounts count_ngrams(std::span<const WordId> tokens, const Vocabulary& vocabulary, int order);

}  // namespace harpy
