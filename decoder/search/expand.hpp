#pragma once

#include <cstdint>
#include <type_traits>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/cost.hpp"
#include "decoder/search/lane.hpp"

namespace harpy {

/// Looks up the emitting arcs of each active token. A thread owns the tokens it counts.
template <typename Access>
struct CountArcs {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < lane.active_count; i += thread.count) {
      const std::uint32_t state = lane.active_states[i];
      const std::uint32_t begin = lane.graph.arc_begin[state];
      Access::prefetch(lane.graph.arcs + begin);
      lane.arc_begins[i] = begin;
      lane.arc_offsets[i] = lane.graph.epsilon_begin[state] - begin;
    }
  }
};

/// The last of `count` tokens, not before `from`, whose arcs start at or before `position`.
constexpr std::uint32_t token_at(const std::uint32_t* arc_offsets, std::uint32_t from,
                                 std::uint32_t count, std::uint32_t position) {
  std::uint32_t end = count;
  while (end - from > 1) {
    const std::uint32_t middle = from + (end - from) / 2;
    (arc_offsets[middle] <= position ? from : end) = middle;
  }
  return from;
}

/// Calls visit(token, arc index, position) for the thread's share of the emitting arcs of all
/// active tokens; positions count through all of them in the order of arc_offsets.
template <typename Thread, typename Visit>
constexpr void for_each_emitting_arc(const Lane& lane, Thread thread, const Visit& visit) {
  if constexpr (std::is_same_v<Thread, SoleThread>) {
    std::uint32_t position = 0;
    for (std::uint32_t token = 0; token < lane.active_count; ++token) {
      const std::uint32_t end = lane.arc_offsets[token + 1];
      for (std::uint32_t arc = lane.arc_begins[token]; position < end; ++position, ++arc) {
        visit(token, arc, position);
      }
    }
  } else {
    std::uint32_t token = 0;
    for (std::uint32_t position = thread.index; position < lane.arc_total;
         position += thread.count) {
      token = token_at(lane.arc_offsets, token, lane.active_count, position);
      visit(token, lane.arc_begins[token] + (position - lane.arc_offsets[token]), position);
    }
  }
}

/// First pass over the arcs: the cost of every candidate, and the least of them. Threads race for
/// least_bits only.
template <typename Access>
struct ExpandArcs {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    float least = kInfiniteCost;
    for_each_emitting_arc(
        lane, thread, [&](std::uint32_t token, std::uint32_t arc_index, std::uint32_t position) {
          const Arc& arc = lane.graph.arcs[arc_index];
          const float cost = emitting_candidate(lane.active_costs[token], arc.cost,
                                                lane.acoustic_costs[arc.input - 1]);
          lane.candidate_costs[position] = cost;
          least = cost < least ? cost : least;
        });
    Access::min(lane.least_bits, ordered_bits(least));
  }
};

/// Second pass: lists the candidates within the limit, in any order. Threads race for places.
template <typename Access>
struct ListCandidates {
  Lane& lane;
  float limit;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for_each_emitting_arc(
        lane, thread, [&](std::uint32_t token, std::uint32_t arc_index, std::uint32_t position) {
          const float cost = lane.candidate_costs[position];
          if (!(cost <= limit && cost < kInfiniteCost)) return;
          const std::uint32_t place = Access::add(lane.candidate_count, 1U);
          lane.candidates[place] = {candidate_key(cost, arc_index),
                                    static_cast<std::uint32_t>(lane.graph.arcs[arc_index].target),
                                    lane.active_history[token]};
        });
  }
};

/// Costs of all candidates as keys, for the selection of the limit.
struct CandidateCostKeys {
  const float* costs;
  std::uint32_t count;

  constexpr std::uint64_t at(std::uint32_t i) const { return ordered_bits(costs[i]); }
};

}  // namespace harpy
