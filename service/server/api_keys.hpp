#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/server/token_bucket.hpp"

namespace harpy {

using KeyDigest = std::array<std::uint8_t, 32>;  ///< SHA-256

/// A key by which clients may use a server. The key itself is not known, only its digest.
struct ApiKey {
  std::string name;  ///< by which the log tells of it
  KeyDigest digest{};
  std::optional<int> max_sessions = std::nullopt;       ///< at once
  std::optional<double> requests_per_s = std::nullopt;  ///< in the long run; ten seconds' at once
};

/// Reads a file with a key on each line, as operators write it (docs/operations.md, "Keys"):
///
///     NAME,sha256=DIGEST[,max-sessions=N][,requests-per-second=N]
///
/// Empty lines and those that begin with "#" say nothing.
/// Errors: std::runtime_error naming file and line; what stands there is not shown, for it may be a
/// key.
std::vector<ApiKey> read_api_keys(const std::filesystem::path& path);

/// What a key's clients take of a server.
struct KeyUse {
  ApiKey key;
  int session_count = 0;
  std::optional<TokenBucket> requests = std::nullopt;
};

/// The keys of a server and what is used of them. Threads: one.
class KeyTable {
 public:
  /// Whether clients need a key: false until there are any.
  bool needs_key() const { return !uses_.empty(); }

  /// Takes these keys in place of others. What is in use under a key that is gone stays so; what is
  /// counted under a name that stays counts on.
  void replace(std::vector<ApiKey> keys);

  /// The key that a client has presented; none: it is no key of this server. Takes the same time
  /// wherever in the table it is, and however much of it is right.
  std::shared_ptr<KeyUse> find(std::string_view presented) const;

 private:
  std::vector<std::shared_ptr<KeyUse>> uses_;
};

/// The key that a client presents with a request; empty: none. It is valid as long as both texts.
/// `authorization`: the header field of that name, "Bearer KEY" or "Token KEY". `subprotocols`: the
/// field Sec-WebSocket-Protocol, in which browsers send keys, since they can set no other field:
/// "token, KEY" and "bearer, KEY" as Deepgram's, "openai-insecure-api-key.KEY" as OpenAI's clients
/// do.
std::string_view presented_key(std::string_view authorization, std::string_view subprotocols);

/// The subprotocol that is answered to a client that offers these: the first one that is no key.
/// Some clients insist on an answer, whatever they call what they speak.
std::string chosen_subprotocol(std::string_view offered);

}  // namespace harpy
