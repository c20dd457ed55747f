#pragma once

#include <functional>
#include <string>
#include <vector>

#include "service/recognizer/recognizer.hpp"
#include "tools/transcribe/recordings.hpp"

namespace harpy::tools {

/// What was recognised in a recording; `error` is set where it could not be.
struct Transcription {
  std::vector<SessionEvent> finals;  ///< utterances in order, empty ones left out
  double duration_s = 0.0;           ///< of the audio read
  std::string error;

  /// All words, joined by single spaces.
  std::string text() const;
};

/// Told of further seconds of audio that were recognised. Called on any thread, must not block.
using AudioProgress = std::function<void(double)>;

/// Reads a recording through a session of the recognizer and waits for its end, in memory that does
/// not depend on its length. With `endpoints`, long silences cut it into utterances; without, it is
/// one utterance, and memory grows with it. Times count from the start of the recording or of its
/// stretch.
Transcription transcribe(Recognizer& recognizer, const Recording& recording, bool endpoints,
                         const AudioProgress& progress = {});

}  // namespace harpy::tools
