#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "frontend/audio/audio_source.hpp"
#include "service/recognizer/recognizer.hpp"
#include "tools/transcribe/recordings.hpp"

namespace harpy::tools {

/// What was recognised in a recording; `error` is set where it could not be.
struct Transcription {
  std::vector<SessionEvent> finals;     ///< utterances in order, empty ones left out
  std::vector<double> speech_starts_s;  ///< of utterances, if asked for; those without words too
  double duration_s = 0.0;              ///< of the audio read
  std::string error;
  /// What the user should know although it could be recognised, each a line with the recording's
  /// name.
  std::vector<std::string> notes;

  /// All words, joined by single spaces.
  std::string text() const;
  /// The same of the written form, where it was asked for.
  std::string shown_text() const;
};

/// Told of further seconds of audio that were recognised. Called on any thread, must not block.
using AudioProgress = std::function<void(double)>;

struct TranscribingOptions {
  /// What is asked of sessions. Without endpoints a recording is one utterance, and memory grows
  /// with it. The sample rate is that of the recording; partials are not wanted in any case.
  SessionOptions session;
  AudioProgress progress;
  /// Whether the words are those of the recording's text, and only when they were spoken is to be
  /// found out. The recording is then one utterance. A recording without text is an error, and so
  /// is one whose text does not fit its audio.
  bool aligns = false;
  /// Seconds of the pieces that utterances are cut into at pauses, see cut_at_pauses; 0: none.
  double piece_s = 0.0;
};

/// A recording on its way through a session of the recognizer, in memory that does not depend on
/// its length. Nothing here waits, so that a few threads can read many recordings at once. Times
/// count from the start of the recording or of its stretch.
class RecordingReader {
 public:
  /// `on_change` is called, on any thread, when `read` may have something to do again; not after
  /// `take_result`.
  RecordingReader(Recognizer& recognizer, Recording recording, TranscribingOptions options,
                  std::function<void()> on_change);
  ~RecordingReader();

  /// Reads on until the session is full or the recording is at its end. Returns whether everything
  /// is done: the session has ended or something has failed. Threads: one at a time.
  bool read();

  /// After `read` has returned true.
  Transcription take_result();

 private:
  class Events;

  void open();
  bool read_on();

  Recognizer& recognizer_;
  const Recording recording_;
  const TranscribingOptions options_;
  const std::shared_ptr<Events> events_;
  OpenRecording opened_;
  std::optional<MonoReader> samples_;
  std::span<const float> unpushed_;
  std::shared_ptr<Session> session_;
  bool is_at_end_ = false;
  Transcription result_;
};

}  // namespace harpy::tools
