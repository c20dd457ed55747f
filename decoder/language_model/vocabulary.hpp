#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace harpy {

/// Number of a word in a vocabulary, counted from 0 in the order of addition.
using WordId = std::uint32_t;

/// Stands for a word that a vocabulary lacks.
inline constexpr WordId kNoWord = std::numeric_limits<WordId>::max();

inline constexpr std::string_view kSentenceStartWord = "<s>";
inline constexpr std::string_view kSentenceEndWord = "</s>";
inline constexpr std::string_view kUnknownWord = "<unk>";

/// Words and their numbers. The markers <s>, </s> and <unk> (also <UNK>) are ordinary entries that
/// the vocabulary remembers.
class Vocabulary {
 public:
  /// The number of `word`, adding it if it is new.
  WordId add(std::string_view word);
  /// The number of `word`, or kNoWord.
  WordId find(std::string_view word) const;
  /// The number of `word`; failing that the number of <unk>; failing that kNoWord.
  WordId find_or_unknown(std::string_view word) const;

  const std::string& word(WordId id) const { return words_[id]; }
  std::size_t size() const { return words_.size(); }

  /// Numbers of the markers; kNoWord where the vocabulary lacks one.
  WordId sentence_start() const { return sentence_start_; }
  WordId sentence_end() const { return sentence_end_; }
  WordId unknown() const { return unknown_; }

  bool operator==(const Vocabulary& other) const { return words_ == other.words_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::vector<std::string> words_;
  std::unordered_map<std::string, WordId, Hash, std::equal_to<>> ids_;
  WordId sentence_start_ = kNoWord;
  WordId sentence_end_ = kNoWord;
  WordId unknown_ = kNoWord;
};

/// Which words of a text become the vocabulary of its language model.
struct VocabularyOptions {
  /// Only these words may enter; none given: any. Without `max_words` and `min_count` all of them
  /// enter, seen or not.
  std::optional<std::vector<std::string>> allowed;
  /// At most this many words, the most frequent ones (ties: first in byte order); 0: no limit.
  /// Larger: fewer unknown words, a larger model.
  std::size_t max_words = 0;
  /// Words seen less often stay out; 0 lets in allowed words that were never seen.
  std::uint64_t min_count = 0;
  /// Whether <unk> is an entry. Without it (a closed vocabulary) unknown words get no probability.
  bool has_unknown = true;
};

/// Chooses from `words`, of which word i was seen counts[i] times, and returns <s>, </s>, perhaps
/// <unk>, then the chosen words in byte order. Markers never count as words.
Vocabulary select_vocabulary(const Vocabulary& words, const std::vector<std::uint64_t>& counts,
                             const VocabularyOptions& options);

}  // namespace harpy
