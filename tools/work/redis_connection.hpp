#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

struct redisContext;

namespace harpy::tools {

/// The connection to the server was lost or could not be made; a new one may help.
class RedisUnreachable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An answer of Redis.
struct RedisReply {
  std::string text;                  ///< of strings and states
  std::int64_t number = 0;           ///< of integers
  std::vector<RedisReply> elements;  ///< of arrays
  bool is_nothing = false;
};

/// A connection to a Redis server. Threads: one at a time.
class RedisConnection {
 public:
  /// `server`: see RedisWorkOptions. Errors: std::invalid_argument for another form of address;
  /// RedisUnreachable; std::runtime_error if the server refuses password or database.
  explicit RedisConnection(const std::string& server);

  /// Sends a command and waits for its answer. Errors: RedisUnreachable; std::runtime_error with
  /// what the server says of a command that it refuses.
  RedisReply command(const std::vector<std::string>& words);

 private:
  struct Close {
    void operator()(redisContext* context) const;
  };

  std::string server_;  ///< without its password, for messages
  std::unique_ptr<redisContext, Close> context_;
};

}  // namespace harpy::tools
