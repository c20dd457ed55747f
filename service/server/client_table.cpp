#include "service/server/client_table.hpp"

#include <algorithm>
#include <utility>

namespace harpy {

namespace {

constexpr std::size_t kLeastCleaningSize = 64;

}  // namespace

ClientAddress& ClientTable::at(const std::string& address, Clock::time_point now) {
  if (clients_.size() >= next_cleaning_size_) forget(now);
  const auto [entry, is_new] = clients_.try_emplace(
      address,
      ClientAddress{.log_lines = TokenBucket(limits_.log_lines_per_s, limits_.log_line_burst),
                    .requests = request_bucket(limits_.requests_per_s)});
  return entry->second;
}

std::optional<std::uint64_t> ClientTable::allow_line(const std::string& address,
                                                     Clock::time_point now) {
  ClientAddress& client = at(address, now);
  if (client.log_lines.try_take(now)) return std::exchange(client.untold_line_count, 0);
  ++client.untold_line_count;
  return std::nullopt;
}

/// Looks at all entries only when their number has doubled, so that it costs little for each.
void ClientTable::forget(Clock::time_point now) {
  std::erase_if(clients_, [now](const auto& entry) {
    const ClientAddress& client = entry.second;
    return client.connection_count == 0 && client.session_count == 0 &&
           client.log_lines.is_full(now) && client.requests.is_full(now);
  });
  next_cleaning_size_ = std::max(kLeastCleaningSize, 2 * clients_.size());
}

}  // namespace harpy
