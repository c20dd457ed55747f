#include "tools/transcribe/shard.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <queue>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "models/files/text_fields.hpp"

namespace harpy::tools {

namespace {

constexpr std::int64_t kLeastWeight_ms = 1000;

/// Whole milliseconds, so that sums do not depend on their order.
std::vector<std::int64_t> weights_ms(const std::vector<Recording>& recordings) {
  std::vector<std::optional<std::int64_t>> known;
  known.reserve(recordings.size());
  std::int64_t sum_ms = 0;
  std::int64_t known_count = 0;
  for (const Recording& recording : recordings) {
    const std::optional<double> length_s = recording_length_s(recording);
    known.emplace_back();
    if (!length_s) continue;
    known.back() = std::max<std::int64_t>(std::llround(*length_s * 1000.0), kLeastWeight_ms);
    sum_ms += *known.back();
    ++known_count;
  }
  const std::int64_t mean_ms = known_count == 0 ? kLeastWeight_ms : sum_ms / known_count;
  std::vector<std::int64_t> weights;
  weights.reserve(known.size());
  for (const auto& weight : known) weights.push_back(weight.value_or(mean_ms));
  return weights;
}

/// What tells recordings of the same length apart.
auto identity_of(const Recording& recording) {
  return std::make_tuple(std::cref(recording.id), std::cref(recording.audio.native()),
                         recording.start_s, recording.channel.value_or(-1));
}

}  // namespace

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos) {
    const auto number = parse_uint64(std::string_view(text).substr(0, slash));
    const auto count = parse_uint64(std::string_view(text).substr(slash + 1));
    if (number && count && *number >= 1 && *number <= *count) return {*number, *count};
  }
  throw std::invalid_argument("expected I/N with I from 1 to N, or auto, got \"" + text + "\"");
}

std::vector<std::size_t> assign_shards(const std::vector<Recording>& recordings,
                                       std::size_t shard_count) {
  const std::vector<std::int64_t> weights = weights_ms(recordings);
  std::vector<std::size_t> order(recordings.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    if (weights[left] != weights[right]) return weights[left] > weights[right];
    return identity_of(recordings[left]) < identity_of(recordings[right]);
  });
  using Load = std::pair<std::int64_t, std::size_t>;  // milliseconds so far, and the shard
  std::priority_queue<Load, std::vector<Load>, std::greater<>> least_loaded;
  for (std::size_t number = 1; number <= shard_count; ++number) least_loaded.emplace(0, number);
  std::vector<std::size_t> shards(recordings.size());
  for (const std::size_t index : order) {
    auto [load_ms, number] = least_loaded.top();
    least_loaded.pop();
    shards[index] = number;
    least_loaded.emplace(load_ms + weights[index], number);
  }
  return shards;
}

}  // namespace harpy::tools
