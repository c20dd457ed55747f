#pragma once

#include <string>
#include <vector>

#include "tools/transcribe/recording_reader.hpp"

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

/// Two utterances with a pause between them.
inline tools::Transcription made_transcription() {
  tools::Transcription result;
  result.finals = {made_utterance({"R&B", "<UNK>"}, 0.5),
                   made_utterance({"IT'S", "LATE"}, 3661.25)};
  result.duration_s = 3663.0;
  return result;
}

inline tools::Recording made_recording() {
  return {.id = "calls/a b.wav", .name = "calls/a b", .audio = "calls/a b.wav"};
}

inline ModelDescription made_model() {
  ModelDescription model;
  model.name = "tiny";
  model.version = "7";
  model.language = "en";
  return model;
}

}  // namespace harpy::testing
