#pragma once

#include <span>
#include <string>

#include "decoder/grammar/word_grammar.hpp"

namespace harpy {

/// The grammar of a list of phrases, each some words with blanks between: a bigram model estimated
/// from them with absolute discounting, as Vosk makes of its `phrase_list`. So whole phrases are
/// most probable, parts of them and several in a row are possible, and words of none are not. A
/// phrase kUnknownGrammarWord, or that word within one, stands for anything else.
/// Errors: std::invalid_argument for a list without words.
/// Source: H. Ney, U. Essen, R. Kneser, On structuring probabilistic dependences in stochastic
/// language modelling, Computer Speech and Language 1994.
WordGrammar make_phrase_grammar(std::span<const std::string> phrases);

}  // namespace harpy
