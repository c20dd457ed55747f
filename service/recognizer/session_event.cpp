#include "service/recognizer/session_event.hpp"

namespace harpy {

std::string joined_text(std::span<const RecognizedWord> words) {
  std::string joined;
  for (const RecognizedWord& word : words) {
    if (!joined.empty()) joined += ' ';
    joined += word.text;
  }
  return joined;
}

std::string SessionEvent::text() const { return joined_text(words); }

}  // namespace harpy
