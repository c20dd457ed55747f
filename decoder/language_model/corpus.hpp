#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "decoder/language_model/vocabulary.hpp"
#include "models/files/text_lines.hpp"

namespace harpy {

/// A text as word numbers, sentence after sentence, each from <s> to </s>.
struct Corpus {
  std::vector<WordId> tokens;
  std::uint64_t sentence_count = 0;
  std::uint64_t word_count = 0;  ///< without <s> and </s>
};

/// Appends a sentence, its words separated by white space, adding new words to `words`. A sentence
/// without words is left out. Errors: std::runtime_error for the words <s> and </s>, which only the
/// ends of a sentence may stand for.
void add_sentence(Corpus& corpus, std::string_view sentence, Vocabulary& words);

/// Appends a text with a sentence a line. Errors: std::runtime_error naming file and line.
void add_text(Corpus& corpus, TextLines& lines, Vocabulary& words);

/// Adds how often each of `word_total` words occurs to `counts`, which grows to that size.
void add_word_counts(const Corpus& corpus, std::size_t word_total,
                     std::vector<std::uint64_t>& counts);

/// Renumbers a corpus from one vocabulary to another. Words that `to` lacks become its <unk>; where
/// it has none, kNoWord.
void renumber(Corpus& corpus, const Vocabulary& from, const Vocabulary& to);

}  // namespace harpy
