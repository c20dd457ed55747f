#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/work/redis_connection.hpp"
#include "tools/work/redis_work.hpp"

namespace harpy::tools {

/// An entry of the stream that a worker has taken.
struct QueueEntry {
  std::string id;    ///< of the entry
  std::string line;  ///< its field "recording"; empty if it has none
  std::int64_t delivery_count = 1;
};

/// A worker's view of the stream and its consumer group. Threads: one at a time.
class RedisQueue {
 public:
  /// Makes stream and group if they are missing. `consumer`: the worker's name in the group. The
  /// options outlive the object. Errors: as RedisConnection.
  RedisQueue(const RedisWorkOptions& options, std::string consumer);

  /// An entry that another worker has left, else a new one; waits a quarter of a second for it.
  std::optional<QueueEntry> take();
  /// Tells that the worker is alive and works on entries. Those that another one has claimed stay
  /// with that one.
  void renew(const std::vector<std::string>& entry_ids);
  /// Writes an answer to the results or, if it has failed, to what is set aside, and removes the
  /// entry, all at once. Nothing happens if the entry is gone, and an answer that is there for the
  /// same recording stays.
  void finish(const QueueEntry& entry, const LineAnswer& answer);
  /// Whether as many results wait as may.
  bool is_full();
  /// Whether no entry waits or is being worked on.
  bool is_empty();

 private:
  std::optional<QueueEntry> claim();
  std::optional<QueueEntry> read_new();

  const RedisWorkOptions& options_;
  const std::string consumer_;
  RedisConnection connection_;
  std::string claim_cursor_ = "0-0";
};

}  // namespace harpy::tools
