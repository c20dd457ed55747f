#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace harpy {

/// A word of a lexicon with one pronunciation.
struct SpelledWord {
  std::string_view letters;
  std::span<const std::int32_t> phones;
};

/// Aligns the letters of words with their phones: each letter, a byte, stands for a group of none,
/// one or two of them. How probable a group is for a letter is learned by expectation maximisation.
/// Source: S. Jiampojamarn, G. Kondrak, T. Sherif, Applying many-to-many alignments and hidden
/// Markov models to letter-to-phoneme conversion, NAACL 2007.
class LetterAlignment {
 public:
  static constexpr std::size_t kLetterCount = 256;

  /// `phone_count`: phones are from 1 to below it. Cost: a few passes over the words.
  LetterAlignment(std::span<const SpelledWord> words, std::int64_t phone_count);

  /// The group of each letter on the best alignment; empty if there is none.
  std::vector<std::size_t> align(const SpelledWord& word) const;

  /// Groups are numbers below this.
  std::size_t group_count() const { return phone_count_ * phone_count_; }
  /// The phones of a group.
  std::vector<std::int32_t> phones_of(std::size_t group) const;

 private:
  static constexpr std::size_t kMostPhones = 2;  ///< of a letter

  /// No phone: 0; phone p: p; phones p and q: p * (phone count) + q, at least the phone count.
  std::size_t group_of(std::span<const std::int32_t> phones) const;
  template <typename Step>
  void for_each_step(const SpelledWord& word, const Step& step) const;
  void add_posteriors(const SpelledWord& word, std::vector<double>& counts) const;

  std::size_t phone_count_;
  std::vector<double> probabilities_;  ///< [letter, group]
};

/// The number of a letter.
constexpr std::size_t letter_of(char c) { return static_cast<unsigned char>(c); }

}  // namespace harpy
