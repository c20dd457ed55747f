#pragma once

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include "decoder/grammar/word_grammar.hpp"

namespace harpy::testing {

/// The least cost of a sentence in a grammar, by trying all of its paths; infinite if it has none.
/// The grammar has no epsilon cycles.
inline float sentence_cost(const WordGrammar& grammar, const std::vector<std::string>& sentence,
                           std::size_t place, std::int32_t state) {
  float best = place == sentence.size() ? grammar.graph.final_costs[static_cast<std::size_t>(state)]
                                        : kInfiniteCost;
  for (const SourcedArc& arc : grammar.graph.arcs) {
    if (arc.source != state) continue;
    const bool takes_word = arc.arc.input != 0;
    if (takes_word &&
        (place == sentence.size() || grammar.words.name(arc.arc.input) != sentence[place])) {
      continue;
    }
    best =
        std::min(best, arc.arc.cost + sentence_cost(grammar, sentence, place + (takes_word ? 1 : 0),
                                                    arc.arc.target));
  }
  return best;
}

inline float sentence_cost(const WordGrammar& grammar, const std::string& sentence) {
  std::istringstream words(sentence);
  std::vector<std::string> list;
  for (std::string word; words >> word;) list.push_back(word);
  return sentence_cost(grammar, list, 0, grammar.graph.start);
}

}  // namespace harpy::testing
