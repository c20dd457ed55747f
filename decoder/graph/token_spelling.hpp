#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "decoder/graph/lexicon.hpp"

namespace harpy {

struct SpellingOptions {
  /// Spellings of a word, those of the fewest tokens; where as many have as few, the ones whose
  /// first tokens are longer. Larger: more that a network may put out is understood, and the graph
  /// grows. A network was trained on one of them (SentencePiece's likeliest, or what its merges
  /// make), which is nearly always among the first few.
  std::size_t most_spellings = 16;
};

/// The lexicon that spells words in a network's tokens: letters, or pieces of words, of which the
/// first begins with SentencePiece's mark if any token does. Words that cannot be spelled are left
/// out. Labels are the tokens' numbers from 1 on. Cost: for each word, its length x the length of
/// the longest token x most_spellings.
Lexicon spell_in_tokens(std::span<const std::string> words, const std::vector<std::string>& tokens,
                        const SpellingOptions& options = {});

}  // namespace harpy
