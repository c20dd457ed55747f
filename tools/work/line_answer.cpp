#include "tools/work/line_answer.hpp"

#include <exception>
#include <memory>
#include <semaphore>
#include <stdexcept>

#include <boost/json/object.hpp>

#include "acoustic/training/manifest.hpp"
#include "models/files/escaped_text.hpp"
#include "service/json/json_text.hpp"
#include "tools/terminal/messages.hpp"
#include "tools/transcribe/output_format.hpp"

namespace harpy::tools {

Transcription transcribe_one(Recognizer& recognizer, const Recording& recording,
                             const TranscribingOptions& options) {
  // A change may come after the reader was told to end, so that both share the semaphore.
  const auto changed = std::make_shared<std::counting_semaphore<>>(0);
  RecordingReader reader(recognizer, recording, options, [changed] { changed->release(); });
  while (!reader.read()) changed->acquire();
  return reader.take_result();
}

LineAnswer failed_answer(std::string_view id, std::string_view error) {
  boost::json::object object;
  if (!id.empty()) object["id"] = escape_invalid_utf8(id);
  object["error"] = escape_for_line(error);
  return {.id = std::string(id), .text = json_line(object), .has_failed = true};
}

std::string recording_id(const std::string& line) {
  try {
    return parse_manifest_line(line, "", {}).id;
  } catch (const std::runtime_error&) {
    return {};
  }
}

LineAnswer answer_line(Recognizer& recognizer, const TranscribingOptions& options,
                       const std::string& line, const std::string& source) {
  std::string id;
  try {
    const ManifestEntry entry = parse_manifest_line(line, source, {});
    id = entry.id;
    const Recording recording = recording_of(entry);
    const Transcription result = transcribe_one(recognizer, recording, options);
    if (!result.error.empty()) return failed_answer(id, result.error);
    for (const std::string& note : result.notes) tell_warning(note);
    return {.id = id, .text = json_line(json_recording(recording, result))};
  } catch (const std::exception& error) {
    return failed_answer(id, error.what());
  }
}

}  // namespace harpy::tools
