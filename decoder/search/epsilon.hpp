#pragma once

#include <cstdint>

#include "decoder/search/cost.hpp"
#include "decoder/search/lane.hpp"
#include "decoder/search/recombine.hpp"

namespace harpy {

/// Lists those of the tokens [from, to) that epsilon arcs leave, in any order. Threads race for
/// places.
template <typename Access>
struct ListEpsilonTokens {
  Lane& lane;
  std::uint32_t from;
  std::uint32_t to;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t token = from + thread.index; token < to; token += thread.count) {
      const std::uint32_t state = graph_state(lane.token_states[token]);
      const std::uint32_t arcs = lane.graph.arc_begin[state + 1] - lane.graph.epsilon_begin[state];
      if (arcs == 0) continue;
      const std::uint32_t place = Access::add(lane.epsilon_count, 1U);
      lane.epsilon_tokens[place] = {token, lane.graph.epsilon_level[state]};
      Access::add(lane.epsilon_arc_total, arcs);
    }
  }
};

/// Follows the epsilon arcs of the tokens of one level, which all lead to higher levels: the costs
/// of this level are final. Threads race for slots, keys and places in the list of candidates.
template <typename Access>
struct ExpandEpsilon {
  Lane& lane;
  std::uint32_t level;
  float limit;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < lane.epsilon_count; i += thread.count) {
      if (lane.epsilon_tokens[i].level == level) expand(lane.epsilon_tokens[i].token);
    }
  }

  constexpr void expand(std::uint32_t token) const {
    const std::uint32_t state = graph_state(lane.token_states[token]);
    const float token_cost = key_cost(Access::load(lane.slots[lane.token_slots[token]].key));
    const std::uint32_t end = lane.graph.arc_begin[state + 1];
    for (std::uint32_t index = lane.graph.epsilon_begin[state]; index < end; ++index) {
      const Arc& arc = lane.graph.arcs[index];
      const float cost = token_cost + arc.cost;
      if (!(cost <= limit && cost < kInfiniteCost)) continue;
      const std::uint64_t key = candidate_key(cost, index);
      const std::uint32_t previous = lane.history_count + token;
      const std::uint32_t slot =
          offer<Access>(lane, static_cast<std::uint32_t>(arc.target), key, previous);
      if constexpr (Access::kConcurrent) {
        lane.candidates[Access::add(lane.candidate_count, 1U)] = {key, slot, previous};
      }
    }
  }
};

}  // namespace harpy
