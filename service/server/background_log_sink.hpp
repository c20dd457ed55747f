#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/sink.h>

namespace harpy {

struct BackgroundLogOptions {
  /// Lines that wait to be written; of more the oldest are dropped and counted.
  std::size_t max_waiting_lines = 10'000;
  /// How long the last lines may take to be written when the sink is destroyed.
  std::chrono::milliseconds closing_time{1'000};
};

/// Writes log lines to a file descriptor from a thread of its own, so that whoever logs never waits
/// for a reader that is slow, stopped or gone. A line that tells how many were dropped is written
/// in place of them; so are those counted that a full disk does not take. Threads: any.
class BackgroundLogSink : public spdlog::sinks::sink {
 public:
  /// The descriptor is not closed.
  BackgroundLogSink(int descriptor, const BackgroundLogOptions& options);
  ~BackgroundLogSink() override;
  BackgroundLogSink(const BackgroundLogSink&) = delete;
  BackgroundLogSink& operator=(const BackgroundLogSink&) = delete;

  void log(const spdlog::details::log_msg& message) override;
  /// Lines are written as soon as they can be; there is nothing to push.
  void flush() override {}
  void set_pattern(const std::string& pattern) override;
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override;

 private:
  /// What is written next: a line, and before it how many were dropped.
  struct Next {
    std::string text;
    std::uint64_t line_count = 0;  ///< those that it tells or counts
  };
  enum class Written {
    kAll,
    kFailed,  ///< some of it cannot be written
    kEnded,   ///< the sink is to end, and nobody has taken it in time
  };

  void write_lines(const std::stop_token& stop);
  /// Waits for a line; false once there is none and the sink is to end.
  bool next_line(const std::stop_token& stop, Next& next);
  Written write(std::string_view text, const std::stop_token& stop) const;

  const int descriptor_;
  const BackgroundLogOptions options_;
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable_any changed_;
  std::unique_ptr<spdlog::formatter> formatter_ = std::make_unique<spdlog::pattern_formatter>();
  std::deque<std::string> lines_;
  std::uint64_t dropped_count_ = 0;                 ///< lines before lines_.front()
  std::chrono::steady_clock::time_point deadline_;  ///< for the last lines, once it is to end
  std::jthread writer_;
};

}  // namespace harpy
