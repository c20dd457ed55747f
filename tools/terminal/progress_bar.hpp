#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>

namespace harpy::tools {

/// How far a transcription is.
struct ProgressState {
  std::size_t recording_count = 0;
  std::size_t done_count = 0;     ///< recordings
  std::optional<double> total_s;  ///< of audio; absent where only reading tells
  double done_s = 0.0;            ///< of audio
  double elapsed_s = 0.0;         ///< of the clock
};

/// One line of at most `width` characters: share done, recordings, how many times faster than real
/// time, time left.
std::string progress_line(const ProgressState& state, std::size_t width);

/// A line at the bottom of a terminal that shows progress while it is there.
/// Threads: all methods from any thread.
class ProgressBar {
 public:
  /// Draws on `stream` if that is a terminal; otherwise does nothing.
  ProgressBar(std::FILE* stream, std::size_t recording_count, std::optional<double> total_s);
  /// Clears the line.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Whether `stream` is a terminal that a bar can be drawn on.
  static bool can_draw(std::FILE* stream);

  void add_audio(double seconds);
  void add_recording();
  /// Clears the line, so that something else can be printed; it comes back with the next progress.
  void hide();

 private:
  using Clock = std::chrono::steady_clock;

  void draw_if_due();
  void clear();

  std::FILE* const stream_;
  const bool is_terminal_;
  const Clock::time_point begin_ = Clock::now();
  std::mutex mutex_;  ///< guards what follows
  ProgressState state_;
  Clock::time_point last_drawn_;
  bool is_shown_ = false;
};

}  // namespace harpy::tools
