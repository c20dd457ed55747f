#include "service/server/server_state.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace harpy {

int ServerState::capacity() const {
  int most = limits().max_sessions;
  // Nobody knows which model the next ones ask for: all may have the costliest.
  for (const NamedRecognizer& item : recognizers.named()) {
    const std::optional<double> streams = item.recognizer->load().real_time_streams;
    if (!streams) continue;
    most =
        static_cast<int>(std::clamp(limits().max_load * *streams, 1.0, static_cast<double>(most)));
  }
  return most;
}

std::string ServerState::obstacle(int wanted) const {
  if (draining) return "shutting down";
  const int free = capacity() - session_count;
  if (free >= wanted) return "";
  if (free <= 0) return "all sessions are in use";
  return std::to_string(wanted) + " free sessions are needed, and there are " +
         std::to_string(free);
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
