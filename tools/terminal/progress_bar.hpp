#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>

namespace harpy::tools {

/// How a progress bar looks on a terminal, and what becomes of it elsewhere.
struct ProgressBarOptions {
  std::size_t longest_bar = 40;  ///< characters between the brackets
  /// Whether a stream that is no terminal gets a line of its own once a minute; else it gets none.
  bool lines_elsewhere = false;
};

/// A line at the bottom of a terminal that shows how far some work is. It is rewritten in place.
/// Threads: all methods may be called from any thread.
class ProgressBar {
 public:
  /// The stream must outlive the bar.
  explicit ProgressBar(std::FILE* stream, const ProgressBarOptions& options = {});
  /// Clears the line.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Whether `stream` is a terminal that a bar can be drawn on.
  static bool can_draw(std::FILE* stream);

  /// Shows a bar and `text` behind it, unless it showed something a moment ago.
  /// `done`: the part of the work that is done, 0 to 1.
  void show(double done, const std::string& text);
  /// Prints a line that stays, above the bar, on any stream.
  void print(const std::string& text);
  /// Clears the line, so that something else can be printed; the next progress brings it back.
  void hide();

 private:
  using Clock = std::chrono::steady_clock;

  void clear();

  std::FILE* const stream_;
  const ProgressBarOptions options_;
  const bool is_terminal_;
  std::mutex mutex_;  ///< guards what follows
  Clock::time_point next_;
  bool is_shown_ = false;
};

/// A bar that is filled up to `done` (0 to 1) and a text behind it, together at most `width`
/// characters; where that leaves no room for a bar, the beginning of the text alone.
std::string bar_line(double done, const std::string& text, std::size_t width,
                     std::size_t longest_bar);

}  // namespace harpy::tools
