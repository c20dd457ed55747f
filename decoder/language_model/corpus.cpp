#include "decoder/language_model/corpus.hpp"

#include <stdexcept>

namespace harpy {

void add_sentence(Corpus& corpus, std::string_view sentence, Vocabulary& words) {
  const WordId start = words.add(kSentenceStartWord);
  const WordId end = words.add(kSentenceEndWord);
  std::string_view word = take_word(sentence);
  if (word.empty()) return;
  corpus.tokens.push_back(start);
  for (; !word.empty(); word = take_word(sentence)) {
    const WordId id = words.add(word);
    if (id == start || id == end) {
      throw std::runtime_error("the word " + std::string(word) + " is reserved");
    }
    corpus.tokens.push_back(id);
    ++corpus.word_count;
  }
  corpus.tokens.push_back(end);
  ++corpus.sentence_count;
}

void add_text(Corpus& corpus, TextLines& lines, Vocabulary& words) {
  while (const auto line = lines.next()) {
    try {
      add_sentence(corpus, *line, words);
    } catch (const std::runtime_error& error) {
      throw lines.error(error.what());
    }
  }
}

void add_word_counts(const Corpus& corpus, std::size_t word_total,
                     std::vector<std::uint64_t>& counts) {
  counts.resize(word_total);
  for (const WordId word : corpus.tokens) ++counts[word];
}

void renumber(Corpus& corpus, const Vocabulary& from, const Vocabulary& to) {
  std::vector<WordId> numbers(from.size());
  for (WordId id = 0; id < from.size(); ++id) numbers[id] = to.find_or_unknown(from.word(id));
  for (WordId& word : corpus.tokens) word = numbers[word];
}

}  // namespace harpy
