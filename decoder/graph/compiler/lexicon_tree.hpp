#pragma once

#include <cstdint>
#include <span>

#include "decoder/graph/decoding_graph.hpp"
#include "decoder/graph/pronunciation_table.hpp"

namespace harpy {

/// The pronunciations as a prefix tree, from labels to words, closed under repetition: state 0 is
/// its root, the only final state, and the last label of a pronunciation leads back to it and puts
/// out the word. There are no epsilon arcs, so homophones and words that begin others need no
/// disambiguation symbols; it is deterministic up to the arcs that end words, what determinization
/// would make of the lexicon. Labels are the inputs (blank, 0, has none).
/// `costs` are those of the pronunciations in the table's order, put on the arcs that end words;
/// empty: all 0.
/// Errors: std::invalid_argument for an empty pronunciation or one with blank in it, or another
/// number of costs.
GraphDescription make_lexicon_tree(const PronunciationTable& pronunciations,
                                   std::int32_t label_count, std::span<const float> costs = {});

}  // namespace harpy
