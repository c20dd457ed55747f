#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "decoder/language_model/vocabulary.hpp"

namespace harpy {

/// The n-grams of one order of a back-off model, sorted by their word numbers from the first to the
/// last. N-grams that share all but the last word are the children of one (n-1)-gram, the context,
/// and lie side by side. Logarithms are natural; minus infinity is probability 0.
struct NgramLevel {
  std::vector<WordId> words;             ///< last word
  std::vector<float> log_probabilities;  ///< of the last word after the others
  std::vector<float> log_backoffs;  ///< weight of the n-gram as a context; empty in the last level
  std::vector<std::uint32_t>
      first_child;  ///< size() + 1 offsets into the next level; empty in the last

  std::size_t size() const { return words.size(); }
};

/// Index of the n-gram that appends `word` to the context with the given index and word count, in
/// the level after the context's; nothing if there is none.
std::optional<std::uint32_t> find_child(std::span<const NgramLevel> levels, int context_length,
                                        std::uint32_t context, WordId word);

/// A back-off n-gram model:
///   p(w | h) = p of the n-gram h w, where the model holds it,
///              backoff(h) p(w | h without its first word) otherwise (backoff 1 where it lacks h).
/// Every word of the vocabulary has a unigram, whose index is the word's number. For every n-gram
/// the model also holds its context, but perhaps not the n-gram without its first word.
class NgramModel {
 public:
  /// Errors: std::invalid_argument where the levels contradict the vocabulary or each other.
  NgramModel(Vocabulary vocabulary, std::vector<NgramLevel> levels);

  int order() const { return static_cast<int>(levels_.size()); }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  /// The n-grams of `order` words, 1 <= order <= order().
  const NgramLevel& level(int order) const { return levels_[order - 1]; }
  std::uint64_t ngram_count() const;

  /// Index of an n-gram of 1 to order() words in its level.
  std::optional<std::uint32_t> find(std::span<const WordId> ngram) const;
  /// Index of the n-gram that appends `word` to the context with the given index and word count.
  std::optional<std::uint32_t> find_child(int context_length, std::uint32_t context,
                                          WordId word) const;

  /// Natural logarithm of p(word | context); only the last order() - 1 words of the context count.
  float log_probability(std::span<const WordId> context, WordId word) const;

  /// Calls visitor(words, index) for every n-gram of `order` words in their order.
  void visit(int order,
             const std::function<void(std::span<const WordId>, std::uint32_t)>& visitor) const;

  /// Keeps the n-grams for which keep[order - 1][index] is true. The context of every kept n-gram
  /// and all unigrams must be kept. The back-off weights stay as they are.
  void keep_only(const std::vector<std::vector<bool>>& keep);

  /// Sets every back-off weight so that the probabilities after each context sum to 1:
  ///   backoff(h) = (1 - sum of p(w | h)) / (1 - sum of p(w | h without its first word)),
  /// sums over the children w of h. Cost: one look-up for each n-gram.
  void normalize_backoffs();

 private:
  Vocabulary vocabulary_;
  std::vector<NgramLevel> levels_;
};

}  // namespace harpy
