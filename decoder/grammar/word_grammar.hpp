#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "decoder/graph/decoding_graph.hpp"
#include "decoder/graph/symbol_table.hpp"

namespace harpy {

/// The word of a grammar that stands for anything that is none of its words.
inline constexpr std::string_view kUnknownGrammarWord = "[unk]";

/// A grammar may have at most so many arcs.
inline constexpr std::size_t kMostGrammarArcs = 200'000;

/// What a closed grammar lets a speaker say: a weighted automaton over words. Costs are those of
/// probabilities; the probabilities of all it allows sum to at most 1.
struct WordGrammar {
  SymbolTable words{{"<eps>"}};  ///< as they were written; 0 is none
  GraphDescription graph;        ///< inputs and outputs are words

  /// Adds a state and returns it.
  std::int32_t add_state();
  /// The number of a word, which is added if it is new.
  std::int32_t word(std::string_view name);
  /// Adds an arc that takes a word, 0 for none.
  /// Errors: std::invalid_argument if that is one more than kMostGrammarArcs.
  void add_arc(std::int32_t source, std::int32_t target, std::int32_t word, float cost);
};

/// The same grammar without epsilon arcs and without states that nothing leads to. Costs must not
/// be negative. Cost: for each state a search over the epsilon arcs behind it.
WordGrammar remove_epsilons(const WordGrammar& grammar);

}  // namespace harpy
