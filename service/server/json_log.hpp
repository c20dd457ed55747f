#pragma once

#include <memory>
#include <string_view>

#include <spdlog/formatter.h>

namespace harpy {

/// What a log line is about besides what it says; what is empty is left out.
struct LogSubject {
  std::string_view client;      ///< its address
  std::string_view session;     ///< its name
  std::string_view request_id;  ///< of the request by which it came
  std::string_view trace_id;
  std::string_view key;  ///< the name of its API key
};

/// Says what the lines are about that this thread logs while the object lives. What it says lives
/// longer.
class LoggingAbout {
 public:
  explicit LoggingAbout(const LogSubject& subject);
  LoggingAbout(const LoggingAbout&) = delete;
  LoggingAbout& operator=(const LoggingAbout&) = delete;
  ~LoggingAbout();
};

/// Writes each log line as a JSON object on a line: time in UTC, level, message, and what it is
/// about. It must be called by the thread that logs, as sinks do that do not format later.
class JsonLogFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override;
  std::unique_ptr<spdlog::formatter> clone() const override;
};

}  // namespace harpy
