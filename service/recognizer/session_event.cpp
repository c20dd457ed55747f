#include "service/recognizer/session_event.hpp"

namespace harpy {

std::string SessionEvent::text() const {
  std::string joined;
  for (const RecognizedWord& word : words) {
    if (!joined.empty()) joined += ' ';
    joined += word.text;
  }
  return joined;
}

}  // namespace harpy
