#pragma once

#include <string>
#include <vector>

#include "service/recognizer/session_event.hpp"

namespace harpy::testing {

/// An utterance of words that follow each other without gaps, each of the same length.
inline SessionEvent made_utterance(const std::vector<std::string>& words, double start_s,
                                   double word_s = 0.4) {
  SessionEvent event;
  event.kind = EventKind::kFinal;
  event.start_s = start_s;
  for (const std::string& word : words) {
    event.words.push_back({word, start_s, start_s + word_s});
    start_s += word_s;
  }
  event.end_s = start_s;
  return event;
}

}  // namespace harpy::testing
