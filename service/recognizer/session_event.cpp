#include "service/recognizer/session_event.hpp"

namespace harpy {

namespace {

void move_times(std::vector<RecognizedWord>& words, double offset_s) {
  for (RecognizedWord& word : words) {
    word.start_s += offset_s;
    word.end_s += offset_s;
  }
}

}  // namespace

std::string joined_text(std::span<const RecognizedWord> words) {
  std::string joined;
  for (const RecognizedWord& word : words) {
    if (!joined.empty()) joined += ' ';
    joined += word.text;
  }
  return joined;
}

std::string SessionEvent::text() const { return joined_text(words); }

SessionEvent later_by(SessionEvent event, double offset_s) {
  move_times(event.words, offset_s);
  move_times(event.written, offset_s);
  for (Alternative& alternative : event.alternatives) move_times(alternative.words, offset_s);
  event.start_s += offset_s;
  event.end_s += offset_s;
  return event;
}

}  // namespace harpy
