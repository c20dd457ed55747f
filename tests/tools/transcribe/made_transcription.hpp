#pragma once

#include "tests/service/transcript/made_utterance.hpp"
#include "tools/transcribe/recording_reader.hpp"

namespace harpy::testing {

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
