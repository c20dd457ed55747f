#pragma once

#include <cstdint>

#include "decoder/search/program/append.hpp"
#include "decoder/search/program/cost.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

/// Lists those of the tokens [from, to) whose states have epsilon arcs, in any order. Threads race
/// for places.
template <typename Access, bool kSteered>
struct ListEpsilonTokens {
  Lane& lane;
  std::uint32_t from;
  std::uint32_t to;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    Appender<Access, Thread, EpsilonToken> listed(lane.epsilon_tokens, lane.epsilon_count);
    std::uint32_t arc_total = 0;
    for (std::uint32_t token = from + thread.index; token < to; token += thread.count) {
      const std::uint32_t state = graph_state(lane.token_states[token]);
      const ArcRange arcs = lane.epsilon_arcs<kSteered>(state);
      Access::prefetch(&lane.arc<kSteered>(arcs.begin));  // for ListEpsilonCandidates
      listed.append_if(arcs.size() != 0, {token, lane.epsilon_level<kSteered>(state)});
      arc_total += arcs.size();
    }
    Access::add(lane.epsilon_arc_total, arc_total);
  }
};

/// Lists the candidates by epsilon arcs from the tokens of one level. They all lead to higher
/// levels, so this level's costs are final. Threads race for places.
template <typename Access, bool kSteered>
struct ListEpsilonCandidates {
  Lane& lane;
  std::uint32_t level;
  float limit;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    Appender<Access, Thread, Candidate> listed(lane.candidates, lane.candidate_count);
    for (std::uint32_t i = thread.index; i < lane.epsilon_count; i += thread.count) {
      if (lane.epsilon_tokens[i].level != level) continue;
      const std::uint32_t token = lane.epsilon_tokens[i].token;
      const std::uint32_t state = graph_state(lane.token_states[token]);
      const std::uint32_t context = context_of(lane.token_states[token]);
      const float token_cost = key_cost(lane.slots[lane.token_slots[token]].key);
      const std::uint32_t previous = lane.history_count + token;
      const ArcRange arcs = lane.epsilon_arcs<kSteered>(state);
      for (std::uint32_t index = arcs.begin; index < arcs.end; ++index) {
        const Arc& arc = lane.arc<kSteered>(index);
        const auto target = static_cast<std::uint32_t>(arc.target);
        if constexpr (kSteered) {
          const PhraseStep step = lane.phrase_step(arc, context);
          const float cost = token_cost + (arc.cost + step.cost);
          listed.append_if(cost <= limit, {candidate_key(cost, index), target, previous},
                           lane.candidate_contexts, ContextStep{context, step.node});
        } else {
          const float cost = token_cost + arc.cost;
          listed.append_if(cost <= limit, {candidate_key(cost, index), target, previous});
        }
      }
    }
  }
};

}  // namespace harpy::token_passing
