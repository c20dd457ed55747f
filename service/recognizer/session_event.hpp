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
  /// If asked for in SessionOptions: the first sound of speech of an utterance, at `start_s`.
  kSpeechStart,
  kPartial,   ///< the words of the running utterance so far; later events may change them
  kFinal,     ///< the words of an utterance, which change no more; the next utterance begins
  kProgress,  ///< if asked for in SessionOptions: how much of the audio has been worked off
  kRoom,      ///< after Session::push has returned kFull: there is room again
  kError,     ///< the session failed and has ended; `error` says why; nothing follows
  kEnd,       ///< all audio is recognised; nothing follows
};

/// Something a session tells its user.
struct SessionEvent {
  EventKind kind = EventKind::kPartial;
  std::vector<RecognizedWord> words;
  double start_s = 0.0;  ///< when the utterance began
  double end_s = 0.0;    ///< up to when it has been recognised so far
  /// How many of the samples that were pushed since the session's start have been worked off; their
  /// last frames may still wait until a block of the model's grid is full.
  std::int64_t sample_count = 0;
  std::string error;
  /// With kError: the session's options ask for something impossible, and `error` names it.
  bool is_refusal = false;

  /// The words joined by single spaces.
  std::string text() const;
};

/// Called on a worker thread, one event of a session at a time, in order. Must not block for long.
using EventHandler = std::function<void(const SessionEvent&)>;

}  // namespace harpy
