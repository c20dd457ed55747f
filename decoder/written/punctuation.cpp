#include "decoder/written/punctuation.hpp"

#include <cstddef>
#include <stdexcept>
#include <utility>

#include "decoder/language_model/arpa.hpp"
#include "decoder/written/letter_case.hpp"
#include "decoder/written/marked_text.hpp"

namespace harpy {

Punctuation::Punctuation(const std::filesystem::path& folder)
    : model_(read_arpa(folder / "marks.arpa.gz")),
      casing_(folder / "casing.txt"),
      pauses_(folder / "pauses.tsv") {
  try {
    likeliest_marks(model_, {});
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error((folder / "marks.arpa.gz").string() + ": " + error.what());
  }
}

std::vector<std::string> Punctuation::apply(std::span<const PlainToken> tokens) const {
  // A token such as "May 5, 2020" is several words for the model, whose marks are known.
  std::vector<EventSlot> slots;
  std::vector<std::size_t> last_slots;
  for (const PlainToken& token : tokens) {
    const std::vector<MarkedWord> words = read_marked_text(token.text);
    for (const MarkedWord& word : words) {
      const bool has_comma = word.mark == Mark::kComma;
      slots.push_back({.word = model_word(word.text), .is_open = false, .has_comma = has_comma});
    }
    if (words.empty()) slots.push_back({.word = model_word(token.text)});
    slots.back().is_open = true;
    if (token.pause_s >= 0.0) slots.back().scores = pauses_.scores(token.pause_s);
    last_slots.push_back(slots.size() - 1);
  }
  const std::vector<Mark> marks = likeliest_marks(model_, slots);

  std::vector<std::string> texts;
  texts.reserve(tokens.size());
  bool begins_sentence = true;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Mark mark = marks[last_slots[i]];
    std::string text = tokens[i].is_cased ? tokens[i].text : casing_.apply(tokens[i].text);
    if (begins_sentence) text = capitalised(text);
    const bool has_dot = mark == Mark::kFullStop && text.ends_with('.');
    if (!has_dot) text += kMarkTexts[static_cast<std::size_t>(mark)];
    texts.push_back(std::move(text));
    begins_sentence = ends_sentence(mark);
  }
  return texts;
}

}  // namespace harpy
