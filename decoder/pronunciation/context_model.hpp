#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace harpy {

/// A word whose letters are aligned with groups of phones (LetterAlignment), one a letter.
struct AlignedWord {
  std::string letters;
  std::vector<std::size_t> groups;

  /// The word read from its end.
  AlignedWord reversed() const;
};

/// How probable the group of a letter is, given the letters around it and the groups before it: a
/// log-linear model, whose features are what stands there in runs of all lengths. Unlike an n-gram
/// model of letters with their groups it sees the letters that follow.
///
/// It is learned by stochastic gradient descent, a few times through the words in drawn orders.
/// Weights stand in a table of fixed size, where features are found by hashes and may share places.
///
/// Cost: a few seconds to learn 100,000 words, 64 MB. Threads: const access from any.
/// Sources: S. Chen, Conditional and joint models for grapheme-to-phoneme conversion, Eurospeech
/// 2003; K. Weinberger et al., Feature hashing for large scale multitask learning, ICML 2009.
class ContextModel {
 public:
  explicit ContextModel(std::span<const AlignedWord> words);

  /// The natural logarithm of the probability of all groups of a word. Minus infinity if a group is
  /// none that its letter had when the model was learned.
  double log_probability(const AlignedWord& word) const;

 private:
  /// Where the weights of a feature begin, one for each group of the letter.
  using Features = std::vector<std::uint32_t>;

  void learn_word(const AlignedWord& word, float rate);
  /// The number of a letter's group among all that the letter has had; their count if it is new.
  std::size_t class_of(char letter, std::size_t group) const;
  /// Makes `shares` the probabilities of a letter's groups.
  void find_shares(char letter, const Features& features, std::vector<float>& shares) const;

  std::vector<std::vector<std::size_t>> groups_of_letter_;
  std::vector<float> weights_;
};

}  // namespace harpy
