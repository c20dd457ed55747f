#include "service/server/server_state.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace harpy {

int ServerState::capacity() const {
  const int limit = limits().max_sessions;
  if (!recognizer) return limit;
  const std::optional<double> streams = recognizer->load().real_time_streams;
  if (!streams) return limit;
  return std::clamp(static_cast<int>(limits().max_load * *streams), 1, limit);
}

std::string ServerState::obstacle() const {
  if (draining) return "shutting down";
  if (static_cast<int>(sessions.size()) >= capacity()) return "all sessions are in use";
  return "";
}

void ServerState::tell_of_client(const LogSubject& subject, spdlog::level::level_enum level,
                                 const std::string& line) {
  const LoggingAbout about(subject);
  const std::string address(subject.client);
  const std::optional<std::uint64_t> untold =
      clients.allow_line(address, std::chrono::steady_clock::now());
  if (!untold) {
    ++counts.left_out_log_lines;
    return;
  }
  if (*untold > 0) log().warn("{} lines about {} were left out", *untold, address);
  log().log(level, "{}", line);
}

}  // namespace harpy
