#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tools/work/line_answer.hpp"
#include "tools/work/redis_tls.hpp"

namespace harpy::tools {

/// How a worker takes recordings from a consumer group of a Redis stream (docs/scale.md).
struct RedisWorkOptions {
  /// "redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]", "rediss://…" for TLS, or "unix://PATH".
  std::string server;
  RedisTlsFiles tls;  ///< for "rediss://"
  /// Entries have a field "recording", which holds a line of a manifest. Results go to the hash
  /// STREAM:results, what was set aside to STREAM:failed, both under the recording's id.
  std::string stream = "harpy";
  std::string group = "harpy";
  /// Seconds without a sign of life after which what a worker has taken goes to another one.
  /// Smaller values lose less time with dead workers and take more from slow networks.
  double claim_after_s = 60.0;
  /// How often a recording is tried that fails or ends its workers, before it is set aside.
  std::int64_t tries = 3;
  /// While so many results wait in their hash, no recording is taken; 0: no limit.
  std::int64_t max_results = 0;
  bool until_empty = false;  ///< whether to end once the stream has no entries
  int thread_count = 1;      ///< recordings at a time
};

/// Works until `should_stop`, or the stream is empty if that is asked for. Exactly one result is
/// written for an entry, whatever becomes of workers: the script that writes it removes the entry
/// from the stream, and does nothing once that has happened. While the server cannot be reached,
/// the worker waits for it. Errors: std::runtime_error if the server cannot be reached at first or
/// refuses a command, or if the program was built without hiredis.
void work_on_redis(const RedisWorkOptions& options, const LineAnswerer& answer,
                   const std::function<bool()>& should_stop);

}  // namespace harpy::tools
