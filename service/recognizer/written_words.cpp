#include "service/recognizer/written_words.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace harpy {

namespace {

/// The least silence behind an utterance.
constexpr double kUtterancePause_s = 0.5;

}  // namespace

std::vector<RecognizedWord> written_words(const WrittenForm& form,
                                          std::span<const RecognizedWord> words) {
  std::vector<std::string> spoken;
  std::vector<double> pauses_s;
  spoken.reserve(words.size());
  pauses_s.reserve(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    spoken.push_back(words[i].text);
    const bool is_last = i + 1 == words.size();
    pauses_s.push_back(is_last ? kUtterancePause_s
                               : std::max(0.0, words[i + 1].start_s - words[i].end_s));
  }
  std::vector<RecognizedWord> written;
  for (WrittenToken& token : form.apply(spoken, pauses_s)) {
    written.push_back(
        {std::move(token.text), words[token.begin].start_s, words[token.end - 1].end_s});
  }
  return written;
}

}  // namespace harpy
