#pragma once

#include <cstdint>
#include <span>

#include "decoder/graph/decoding_graph.hpp"
#include "decoder/language_model/ngram_model.hpp"

namespace harpy {

/// A back-off n-gram model as an acceptor of sentences: a state for each context that predicts a
/// word, an arc for each n-gram, an epsilon arc with the back-off weight from each context to the
/// next shorter one, the probability of </s> as final cost. As usual the back-off may be taken for
/// a word that has an n-gram too, so the best path of a sentence costs at most what the model says.
///
/// `output_of` gives for each word of the model's vocabulary its label in the graph, 0 for words
/// to leave out (<s>, </s>, <unk>, those without pronunciation) together with their n-grams.
/// Cost: a few look-ups for each n-gram. Errors: std::invalid_argument if output_of has another
/// size than the vocabulary.
GraphDescription make_grammar(const NgramModel& model, std::span<const std::int32_t> output_of);

}  // namespace harpy
