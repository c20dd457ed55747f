#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "service/recognizer/recognizer.hpp"

namespace harpy::tools {

/// A recording, or a part of one, to transcribe.
struct Recording {
  std::string id;
  std::filesystem::path audio;
  double start_s = 0.0;
  std::optional<double> end_s;  ///< absent: the end of the recording
};

/// What was recognised in a recording; `error` is set where it could not be.
struct Transcription {
  std::vector<SessionEvent> finals;  ///< utterances in order, empty ones left out
  double duration_s = 0.0;           ///< of the audio read
  std::string error;

  std::string text() const;
};

/// Reads a recording through a session of the recognizer and waits for its end. With `endpoints`,
/// long silences cut it into utterances.
Transcription transcribe(Recognizer& recognizer, const Recording& recording, bool endpoints);

}  // namespace harpy::tools
