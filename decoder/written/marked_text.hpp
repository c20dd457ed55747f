#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace harpy {

/// What may stand behind a word.
enum class Mark { kNone, kComma, kFullStop, kQuestionMark };

inline constexpr std::size_t kMarkCount = 4;
/// As written, and as the words of a language model that stand for them; by Mark.
inline constexpr std::array<std::string_view, kMarkCount> kMarkTexts{"", ",", ".", "?"};
/// A word of a language model that begins a question, as in Spanish. What tells a question stands
/// at its beginning more often than at its end.
inline constexpr std::string_view kQuestionStart = "¿";

/// Whether a sentence ends with the mark.
constexpr bool ends_sentence(Mark mark) {
  return mark == Mark::kFullStop || mark == Mark::kQuestionMark;
}

/// A word of written text without marks, and the mark behind it.
struct MarkedWord {
  std::string text;
  Mark mark = Mark::kNone;

  bool operator==(const MarkedWord&) const = default;
};

/// The words of written text (UTF-8). Semicolons and colons count as commas, exclamation marks and
/// ellipses as full stops; quotation marks, brackets and dashes between words are left out. The dot
/// of an abbreviation with dots ("p.m.") belongs to the word.
std::vector<MarkedWord> read_marked_text(std::string_view text);

/// What a language model of words and marks calls a word: in lower case, and "0" for a word with
/// figures, which are too many to be counted one by one.
std::string model_word(std::string_view text);

}  // namespace harpy
