#include "decoder/written/marked_corpus.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "decoder/written/marked_text.hpp"

namespace harpy {

namespace {

constexpr int kMostLines = 4;  ///< between <s> and </s>

}  // namespace

void add_marked_text(Corpus& corpus, TextLines& lines, Vocabulary& words, CasingCounts& casing) {
  int line_count = 0;
  int wanted_lines = 1;
  std::string utterance;
  std::string sentence;
  const auto add_utterance = [&] {
    try {
      add_sentence(corpus, utterance, words);
    } catch (const std::runtime_error& error) {
      throw lines.error(error.what());
    }
    utterance.clear();
  };
  while (const auto line = lines.next()) {
    const std::vector<MarkedWord> marked = read_marked_text(*line);
    casing.add(marked);
    for (const MarkedWord& word : marked) {
      sentence += model_word(word.text) + ' ';
      sentence.append(kMarkTexts[static_cast<std::size_t>(word.mark)]).push_back(' ');
      if (!ends_sentence(word.mark)) continue;
      if (word.mark == Mark::kQuestionMark) utterance.append(kQuestionStart).push_back(' ');
      utterance += std::exchange(sentence, {});
    }
    utterance += std::exchange(sentence, {});
    if (++line_count < wanted_lines) continue;
    add_utterance();
    line_count = 0;
    wanted_lines = wanted_lines % kMostLines + 1;
  }
  add_utterance();
}

}  // namespace harpy
