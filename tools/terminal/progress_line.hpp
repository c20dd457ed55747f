#pragma once

#include <chrono>
#include <cstdio>
#include <string>

namespace harpy::tools {

/// One line about work that goes on: rewritten in place on a terminal, elsewhere a line of its own
/// once a minute.
class ProgressLine {
 public:
  /// The stream must outlive this.
  explicit ProgressLine(std::FILE* stream = stderr);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Shows `text` with a bar in front, unless it showed one a moment ago.
  /// `done`: part of the work, 0 to 1.
  void show(double done, const std::string& text);
  /// Prints a line that stays, above the progress.
  void print(const std::string& text);
  /// Takes the progress away.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::FILE* stream_;
  bool terminal_;
  bool visible_ = false;
  Clock::time_point next_;
};

/// "1:02:03" or "2:03".
std::string format_duration(double seconds);

}  // namespace harpy::tools
