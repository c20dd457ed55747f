#pragma once

#include "decoder/language_model/corpus.hpp"
#include "decoder/written/true_casing.hpp"

namespace harpy {

/// Appends written text, a sentence or more a line, for a model of words and marks (model_word,
/// kMarkTexts). Utterances are some sentences long, so that one, two, three and four lines in turn
/// go from <s> to </s>. The words are counted for their capitals.
/// Errors: std::runtime_error naming file and line.
void add_marked_text(Corpus& corpus, TextLines& lines, Vocabulary& words, CasingCounts& casing);

}  // namespace harpy
