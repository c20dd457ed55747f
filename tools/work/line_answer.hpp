#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "service/recognizer/recognizer.hpp"
#include "tools/transcribe/recording_reader.hpp"

namespace harpy::tools {

/// What a worker answers to a line that asks for a recording.
struct LineAnswer {
  std::string id;    ///< of the recording; empty if the line tells none
  std::string text;  ///< one line of JSON without its end: the transcript or an error
  bool has_failed = false;
};

/// Answers a line; `source` names the line in errors. Threads: called by several at once.
using LineAnswerer = std::function<LineAnswer(const std::string& line, const std::string& source)>;

/// A transcription that this thread waits for. Errors are told in the result.
Transcription transcribe_one(Recognizer& recognizer, const Recording& recording,
                             const TranscribingOptions& options);

/// The answer to a line of a manifest in JSON lines (`audio`, and perhaps `id`, `start`, `end` and
/// `channel`): what `harpy transcribe --format jsonl` writes, or {"id": ..., "error": ...}.
/// Nothing is thrown for a bad line or recording.
LineAnswer answer_line(Recognizer& recognizer, const TranscribingOptions& options,
                       const std::string& line, const std::string& source);

/// The id of the recording that a line asks for; empty if it cannot be read.
std::string recording_id(const std::string& line);

/// {"id": ID, "error": ERROR} as an answer.
LineAnswer failed_answer(std::string_view id, std::string_view error);

}  // namespace harpy::tools
