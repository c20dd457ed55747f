#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>

#include "tools/terminal/progress_bar.hpp"

namespace harpy::tools {

/// How far a transcription is.
struct TranscriptionState {
  std::size_t recording_count = 0;
  std::size_t done_count = 0;     ///< recordings
  std::optional<double> total_s;  ///< of audio; absent where only reading tells
  double done_s = 0.0;            ///< of audio
  double elapsed_s = 0.0;         ///< of the clock

  /// The part of the work that is done, 0 to 1: of the audio, or of the recordings where the
  /// audio's length is not known.
  double share() const;
};

/// What stands behind the bar: share done, recordings, how many times faster than real time it
/// goes, time left. The last two only once there is something to tell them by.
std::string progress_text(const TranscriptionState& state);

/// Shows on a terminal how far a transcription is; elsewhere it says nothing.
/// Threads: all methods may be called from any thread.
class TranscriptionProgress {
 public:
  /// The stream must outlive this. `total_s`: seconds of all audio, where they are known.
  TranscriptionProgress(std::FILE* stream, std::size_t recording_count,
                        std::optional<double> total_s);

  /// Further seconds of audio are recognised.
  void add_audio(double seconds);
  /// One more recording is done.
  void add_recording();
  /// Clears the line, so that a transcript can be printed; the next progress brings it back.
  void hide() { bar_.hide(); }

 private:
  using Clock = std::chrono::steady_clock;

  void show();

  const Clock::time_point begin_ = Clock::now();
  std::mutex mutex_;  ///< guards state_
  TranscriptionState state_;
  ProgressBar bar_;
};

}  // namespace harpy::tools
