#include "decoder/endpoint.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace harpy {

namespace {

constexpr double kLeastTime_s = 0.1;
constexpr double kMostTime_s = 3600.0;
constexpr double kLikelyEndCost = 3.0;
constexpr double kPossibleEndCost = 6.0;
/// Silence that ends an utterance anywhere, beyond that at a likely end.
constexpr double kAnywhere_s = 0.4;

void check_time(const char* name, double seconds) {
  if (seconds >= kLeastTime_s && seconds <= kMostTime_s) return;
  throw std::invalid_argument(std::string(name) + ": expected 0.1 to 3600 seconds, got " +
                              std::to_string(seconds));
}

}  // namespace

void check_endpoint_times(const EndpointTimes& times) {
  check_time("t_start_max", times.start_max_s);
  check_time("t_end", times.end_s);
  check_time("t_max", times.max_s);
}

std::vector<EndpointRule> endpoint_rules(const EndpointTimes& times) {
  return {
      {.min_trailing_silence_s = times.start_max_s},
      {.needs_words = true,
       .max_ending_cost = kLikelyEndCost,
       .min_trailing_silence_s = times.end_s},
      {.needs_words = true, .min_trailing_silence_s = times.end_s + kAnywhere_s},
      {.needs_words = true,
       .min_trailing_silence_s = times.end_s / 2.0,
       .min_utterance_s = times.max_s * 3.0 / 8.0},
      {.needs_words = true,
       .max_ending_cost = kPossibleEndCost,
       .min_trailing_silence_s = times.end_s / 5.0,
       .min_utterance_s = times.max_s * 5.0 / 8.0},
      {.min_utterance_s = times.max_s},
  };
}

bool is_endpoint(std::span<const EndpointRule> rules, const EndpointState& state) {
  return std::any_of(rules.begin(), rules.end(), [&](const EndpointRule& rule) {
    return (state.has_words || !rule.needs_words) && state.ending_cost <= rule.max_ending_cost &&
           state.trailing_silence_s >= rule.min_trailing_silence_s &&
           state.utterance_s >= rule.min_utterance_s;
  });
}

}  // namespace harpy
