#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "service/server/limits.hpp"
#include "service/server/token_bucket.hpp"

namespace harpy {

/// What the clients of one address take of a server. An address of IPv6 stands for its network of
/// 64 bits, which is what one user has.
struct ClientAddress {
  int connection_count = 0;
  int session_count = 0;
  TokenBucket log_lines;
  TokenBucket requests;
  std::uint64_t untold_line_count = 0;  ///< lines that were not written since the last one
};

/// The addresses that are connected or have been a short while ago. It knows no sockets; the caller
/// tells the time.
class ClientTable {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ClientTable(const ServerLimits& limits) : limits_(limits) {}

  /// The entry of an address, which stays where it is while it has connections.
  ClientAddress& at(const std::string& address, Clock::time_point now);

  /// Asks for a log line about a client. Empty: there have been too many, and the line is counted.
  /// Otherwise how many were counted since the last one.
  std::optional<std::uint64_t> allow_line(const std::string& address, Clock::time_point now);

  std::size_t size() const { return clients_.size(); }

 private:
  /// Forgets addresses that nothing is known of that matters.
  void forget(Clock::time_point now);

  ServerLimits limits_;
  std::map<std::string, ClientAddress> clients_;
  std::size_t next_cleaning_size_ = 64;
};

}  // namespace harpy
