#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace harpy::tools {

/// Files in PEM for a connection to Redis by TLS, as redis-cli takes them.
struct RedisTlsFiles {
  /// Those who vouch for the server's certificate; empty: those whom the system trusts.
  std::filesystem::path authorities;
  /// What the server is shown, if it asks; neither or both.
  std::filesystem::path certificate;
  std::filesystem::path key;
};

/// TLS 1.2 or 1.3 over a connected blocking socket, to a server whose certificate must be for its
/// name. Threads: one at a time.
class RedisTls {
 public:
  /// Shakes hands. `host`: the server's name or address; `server`: what messages call it. The
  /// socket outlives the object.
  /// Errors: RedisUnreachable (redis_connection.hpp) if the connection ends; std::runtime_error
  /// for a file that cannot be used and a certificate that is not vouched for.
  RedisTls(int socket, const std::string& host, std::string server, const RedisTlsFiles& files);

  /// Errors: RedisUnreachable.
  void write(std::span<const char> bytes);
  /// Waits for bytes; how many there are, at least one. Errors: RedisUnreachable.
  std::size_t read(std::span<char> space);

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
    void operator()(ssl_st* connection) const;
  };

  const std::string server_;
  std::unique_ptr<ssl_ctx_st, Free> context_;
  std::unique_ptr<ssl_st, Free> connection_;
};

}  // namespace harpy::tools
