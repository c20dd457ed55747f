#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace harpy {

/// A recognised word and when it was spoken, in seconds from the start of the session's audio.
struct RecognizedWord {
  std::string text;
  double start_s = 0.0;
  double end_s = 0.0;

  bool operator==(const RecognizedWord&) const = default;
};

enum class EventKind {
  kPartial,   ///< the words of the running utterance so far; later events may change them
  kFinal,     ///< an utterance is settled; the next one begins
  kProgress,  ///< if asked for: `sample_count` says how much is worked off, as far as the grid
              ///< allows
  kRoom,      ///< after Session::push said kFull: there is room again
  kError,     ///< the session failed and has ended; `error` says why
  kEnd,       ///< all audio is recognised; nothing follows
};

/// Something a session tells its user.
struct SessionEvent {
  EventKind kind = EventKind::kPartial;
  std::vector<RecognizedWord> words;
  double start_s = 0.0;           ///< of the utterance
  double end_s = 0.0;             ///< of the audio recognised in it so far
  std::int64_t sample_count = 0;  ///< of kProgress: pushed samples worked off since the start
  std::string error;

  /// The words joined by single spaces.
  std::string text() const;
};

/// Called on a worker thread, one event of a session at a time, in order. Must not block for long.
using EventHandler = std::function<void(const SessionEvent&)>;

}  // namespace harpy
