#include "tools/work/redis_queue.hpp"

#include <cmath>
#include <string_view>
#include <utility>

namespace harpy::tools {

namespace {

constexpr const char* kField = "recording";
constexpr const char* kWait_ms = "250";

/// KEYS: stream, hash of answers. ARGV: group, entry, recording, answer.
constexpr const char* kFinish = R"(
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then return 0 end
redis.call('HSETNX', KEYS[2], ARGV[3], ARGV[4])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
return 1)";

/// KEYS: stream. ARGV: group, consumer, entries.
constexpr const char* kRenew = R"(
for i = 3, #ARGV do
  if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2]) == 1 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
  end
end)";

/// An entry as streams tell it: its id, and names and values in turn.
std::optional<QueueEntry> entry_of(const RedisReply& reply) {
  if (reply.elements.size() != 2) return {};
  QueueEntry entry{.id = reply.elements[0].text, .line = {}};
  const std::vector<RedisReply>& fields = reply.elements[1].elements;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    if (fields[i].text == kField) entry.line = fields[i + 1].text;
  }
  return entry;
}

}  // namespace

RedisQueue::RedisQueue(const RedisWorkOptions& options, std::string consumer)
    : options_(options), consumer_(std::move(consumer)), connection_(options.server, options.tls) {
  try {
    connection_.command({"XGROUP", "CREATE", options_.stream, options_.group, "0", "MKSTREAM"});
  } catch (const RedisUnreachable&) {
    throw;
  } catch (const std::runtime_error& error) {
    const bool is_there = std::string_view(error.what()).find("BUSYGROUP") != std::string::npos;
    if (!is_there) throw;
  }
}

std::optional<QueueEntry> RedisQueue::take() {
  std::optional<QueueEntry> entry = claim();
  return entry ? std::move(entry) : read_new();
}

std::optional<QueueEntry> RedisQueue::claim() {
  const auto idle_ms = std::llround(options_.claim_after_s * 1000.0);
  const RedisReply reply =
      connection_.command({"XAUTOCLAIM", options_.stream, options_.group, consumer_,
                           std::to_string(idle_ms), claim_cursor_, "COUNT", "1"});
  if (reply.elements.size() < 2) return {};
  claim_cursor_ = reply.elements[0].text;
  if (reply.elements[1].elements.empty()) return {};
  std::optional<QueueEntry> entry = entry_of(reply.elements[1].elements.front());
  if (!entry) return {};
  const RedisReply pending =
      connection_.command({"XPENDING", options_.stream, options_.group, entry->id, entry->id, "1"});
  // Entry, consumer, idle time, deliveries; nothing if it was finished in between.
  if (pending.elements.empty() || pending.elements[0].elements.size() < 4) return {};
  entry->delivery_count = pending.elements[0].elements[3].number;
  return entry;
}

std::optional<QueueEntry> RedisQueue::read_new() {
  const RedisReply reply =
      connection_.command({"XREADGROUP", "GROUP", options_.group, consumer_, "COUNT", "1", "BLOCK",
                           kWait_ms, "STREAMS", options_.stream, ">"});
  if (reply.elements.empty() || reply.elements[0].elements.size() < 2) return {};
  const std::vector<RedisReply>& entries = reply.elements[0].elements[1].elements;
  return entries.empty() ? std::optional<QueueEntry>() : entry_of(entries.front());
}

void RedisQueue::renew(const std::vector<std::string>& entry_ids) {
  if (entry_ids.empty()) return;
  std::vector<std::string> words{"EVAL", kRenew, "1", options_.stream, options_.group, consumer_};
  words.insert(words.end(), entry_ids.begin(), entry_ids.end());
  connection_.command(words);
}

void RedisQueue::finish(const QueueEntry& entry, const LineAnswer& answer) {
  connection_.command({"EVAL", kFinish, "2", options_.stream,
                       options_.stream + (answer.has_failed ? ":failed" : ":results"),
                       options_.group, entry.id, answer.id.empty() ? entry.id : answer.id,
                       answer.text});
}

bool RedisQueue::is_full() {
  if (options_.max_results == 0) return false;
  return connection_.command({"HLEN", options_.stream + ":results"}).number >= options_.max_results;
}

bool RedisQueue::is_empty() { return connection_.command({"XLEN", options_.stream}).number == 0; }

}  // namespace harpy::tools
