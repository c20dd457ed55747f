#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "decoder/graph/decoding_graph.hpp"

namespace harpy {

/// A lexicon composed with a grammar.
struct LexiconGrammar {
  GraphDescription graph;              ///< phones in, words out; arcs in the order of their states
  std::vector<bool> at_word_boundary;  ///< for each state whether the lexicon is at its start
};

/// Composes a lexicon (phones in, words out) with a grammar (words in, words out), costs added.
///
/// Only the phones of words that the grammar can take next are followed, and a word is put out as
/// soon as no other can follow. Epsilon arcs of the grammar stay, at word boundaries. Every state
/// is reached from the start state and, the start apart, leads to a final state. Costs stay where
/// the words' own arcs had them: weight_pushing.hpp spreads them without loss (OpenFst's own
/// pushing rounds them to 1/1024).
///
/// Errors: std::runtime_error if OpenFst reports an error; std::length_error if there would be more
/// than `most_arcs` arcs.
/// Source: C. Allauzen, M. Riley, J. Schalkwyk, A generalized composition algorithm for weighted
/// finite-state transducers, Interspeech 2009.
LexiconGrammar compose_with_lookahead(
    const GraphDescription& lexicon, const GraphDescription& grammar,
    std::size_t most_arcs = std::numeric_limits<std::size_t>::max());

}  // namespace harpy
