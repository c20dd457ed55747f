#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tools/work/redis_tls.hpp"

struct redisContext;
struct redisReply;

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
  /// `server`: see RedisWorkOptions; the files are for addresses that ask for TLS. Errors:
  /// std::invalid_argument for another form of address; RedisUnreachable; std::runtime_error if
  /// the server refuses password or database, or its certificate is not trusted.
  explicit RedisConnection(const std::string& server, const RedisTlsFiles& files = {});

  /// Sends a command and waits for its answer. Errors: RedisUnreachable; std::runtime_error with
  /// what the server says of a command that it refuses.
  RedisReply command(const std::vector<std::string>& words);

 private:
  struct Close {
    void operator()(redisContext* context) const;
    void operator()(redisReply* reply) const;
  };
  using Reply = std::unique_ptr<redisReply, Close>;

  /// Errors: RedisUnreachable.
  Reply exchange(const std::vector<std::string>& words);
  Reply exchange_encrypted(const std::string& request);

  std::string server_;  ///< without its password, for messages
  std::unique_ptr<redisContext, Close> context_;
  std::unique_ptr<RedisTls> tls_;  ///< over the context's socket; none: it is not encrypted
};

}  // namespace harpy::tools
