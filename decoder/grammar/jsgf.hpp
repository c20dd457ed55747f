#pragma once

#include <string_view>

#include "decoder/grammar/word_grammar.hpp"

namespace harpy {

/// Reads a grammar in the JSpeech Grammar Format (W3C Note, 5 June 2000): what any of its public
/// rules allows may be said. Alternatives with weights, groups, optional parts, * and +, quoted
/// words, references to the grammar's own rules, <NULL> and <VOID>; tags are passed over. The word
/// "[unk]", in quotes, stands for anything that is no word of the grammar.
///
/// Each choice has a probability: alternatives that of their weights' share, all the same where
/// there are no weights; an optional part, and each further turn of a repetition, one half.
///
/// Errors: std::invalid_argument naming the line of what is no JSGF, imports, rules that are not
/// there, a rule that contains itself, a grammar without public rules or words, or one that is too
/// large.
WordGrammar read_jsgf(std::string_view text);

}  // namespace harpy
