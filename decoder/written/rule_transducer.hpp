#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "decoder/written/written_rules.hpp"

namespace harpy {

/// Rules as a weighted transducer from words to texts, which also lets every word stay as it is.
///
/// A word that stays costs kKeptWordCost; a reading costs what its table says, so that cheap
/// readings of many words win. Threads: const access from any thread.
/// Source: M. Mohri, F. Pereira, M. Riley, Weighted finite-state transducers in speech recognition,
/// Computer Speech and Language 16, 2002; R. Sproat et al., Normalization of non-standard words,
/// Computer Speech and Language 15, 2001, for rules in this form.
class RuleTransducer {
 public:
  static constexpr float kKeptWordCost = 1.0F;
  static constexpr std::int32_t kOtherWord = -1;  ///< one that no rule has

  /// A written word: texts one behind the other, or the spoken word itself.
  struct Token {
    std::int32_t word_count = 0;  ///< how many spoken words it stands for
    bool is_kept = false;
    std::vector<std::int32_t> texts;  ///< numbers of WrittenRules::texts
  };

  /// Cost: some tenths of a second for the rules of a language.
  explicit RuleTransducer(const WrittenRules& rules);
  ~RuleTransducer();
  RuleTransducer(const RuleTransducer&) = delete;
  RuleTransducer& operator=(const RuleTransducer&) = delete;

  /// The tokens of the cheapest way to read words, which are numbers of WrittenRules::words or
  /// kOtherWord. They stand for all words, each for at least one. Cost: linear in the words.
  std::vector<Token> cheapest(const std::vector<std::int32_t>& words) const;

 private:
  struct Fst;

  std::unique_ptr<const Fst> fst_;
};

}  // namespace harpy
