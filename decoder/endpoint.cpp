#include "decoder/endpoint.hpp"

#include <algorithm>

namespace harpy {

std::vector<EndpointRule> default_endpoint_rules() {
  return {
      {.min_trailing_silence_s = 5.0},
      {.needs_words = true, .max_ending_cost = 3.0, .min_trailing_silence_s = 0.6},
      {.needs_words = true, .min_trailing_silence_s = 1.0},
      {.needs_words = true, .min_trailing_silence_s = 0.3, .min_utterance_s = 15.0},
      {.needs_words = true,
       .max_ending_cost = 6.0,
       .min_trailing_silence_s = 0.12,
       .min_utterance_s = 25.0},
      {.min_utterance_s = 40.0},
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
