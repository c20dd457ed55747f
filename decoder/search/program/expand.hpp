#pragma once

#include <cstdint>

#include "decoder/search/program/append.hpp"
#include "decoder/search/program/cost.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

/// Looks up the emitting arcs of each active token; where `kAdded`, those of added words too. A
/// thread owns the tokens it counts.
template <typename Access, bool kAdded>
struct CountArcs {
  static constexpr std::uint32_t kArcsPerLine = 64 / sizeof(Arc);
  /// For longer runs the processor's own prefetcher loads the rest.
  static constexpr std::uint32_t kPrefetchedArcs = 8 * kArcsPerLine;

  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const std::uint32_t active_count = lane.active_count;
    for (std::uint32_t i = thread.index; i < active_count; i += thread.count) {
      const ArcRange arcs = lane.emitting_arcs<kAdded>(lane.active[i].state);
      const std::uint32_t end =
          arcs.size() < kPrefetchedArcs ? arcs.end : arcs.begin + kPrefetchedArcs;
      for (std::uint32_t arc = arcs.begin; arc < end; arc += kArcsPerLine) {
        Access::prefetch(&lane.arc<kAdded>(arc));
      }
      lane.arc_shifts[i] = arcs.begin;
      lane.arc_offsets[i] = arcs.size();
    }
  }
};

/// Turns the first arc of each token into the distance from positions to arcs: arc = position +
/// distance. A sole thread also counts, at each position, the tokens whose arcs begin there; a
/// running sum of these counts then tells the token of each position without a branch. A thread
/// owns the tokens it places.
struct PlaceTokens {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const std::uint32_t active_count = lane.active_count;
    if constexpr (kIsSole<Thread>) {
      const std::uint32_t arc_total = lane.arc_total;
      for (std::uint32_t i = 0; i <= arc_total; ++i) lane.position_tokens[i] = 0;
      for (std::uint32_t i = 0; i < active_count; ++i) ++lane.position_tokens[lane.arc_offsets[i]];
    }
    for (std::uint32_t i = thread.index; i < active_count; i += thread.count) {
      lane.arc_shifts[i] -= lane.arc_offsets[i];
    }
  }
};

/// So many neighbouring threads share the arcs of a token, which mostly has ten or twenty.
inline constexpr std::uint32_t kArcThreads = 8;

/// First pass over the arcs: the cost of every candidate without phrases, and the least of them.
/// Threads race for least_bits only.
template <typename Access, bool kAdded>
struct ExpandArcs {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const Searched searched = lane;  // nothing that the loop writes can change it
    float least = kInfiniteCost;
    const auto expand = [&](std::uint32_t token, std::uint32_t position) {
      const Arc& arc = searched.arc<kAdded>(lane.arc_shifts[token] + position);
      const float cost =
          emitting_candidate(lane.active[token].cost, arc.cost, lane.acoustic_costs[arc.input - 1]);
      lane.position_tokens[position] = token;
      lane.position_costs[position] = cost;
      least = cost < least ? cost : least;
    };
    if constexpr (kIsSole<Thread>) {
      std::uint32_t token = ~0U;
      const std::uint32_t arc_total = lane.arc_total;
      for (std::uint32_t position = 0; position < arc_total; ++position) {
        expand(token += lane.position_tokens[position], position);
      }
    } else {
      // A team that makes no whole groups has groups of one thread.
      const std::uint32_t group_size = thread.count % kArcThreads == 0 ? kArcThreads : 1;
      const std::uint32_t active_count = lane.active_count;
      for (std::uint32_t token = thread.index / group_size; token < active_count;
           token += thread.count / group_size) {
        const std::uint32_t end = lane.arc_offsets[token + 1];
        for (std::uint32_t position = lane.arc_offsets[token] + thread.index % group_size;
             position < end; position += group_size) {
          expand(token, position);
        }
      }
    }
    Access::min(lane.least_bits, ordered_bits(least));
  }
};

/// Counts the candidates within a limit, which is finite.
template <typename Access>
struct CountWithin {
  Lane& lane;
  float limit;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const std::uint32_t arc_total = lane.arc_total;
    const float* const costs = lane.position_costs;
    std::uint32_t count = 0;
    for (std::uint32_t position = thread.index; position < arc_total; position += thread.count) {
      count += costs[position] <= limit ? 1 : 0;
    }
    Access::add(lane.within_count, count);
  }
};

/// Keeps the positions whose candidates are within a limit, which is finite. Threads race for
/// places.
template <typename Access>
struct KeepPositions {
  Lane& lane;
  float limit;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    Appender<Access, Thread, std::uint32_t> kept(lane.kept_positions, lane.kept_count);
    const std::uint32_t arc_total = lane.arc_total;
    const float* const costs = lane.position_costs;
    for (std::uint32_t position = thread.index; position < arc_total; position += thread.count) {
      kept.append_if(costs[position] <= limit, position);
    }
  }
};

/// The costs of all candidates as keys, for a selection.
struct PositionCostKeys {
  const float* costs;
  std::uint32_t count;

  constexpr float cost(std::uint32_t i) const { return costs[i]; }
  constexpr std::uint64_t key(std::uint32_t i) const { return ordered_bits(costs[i]); }
};

/// The costs of the candidates kept as keys, for a selection.
struct KeptCostKeys {
  const std::uint32_t* positions;
  const float* costs;
  std::uint32_t count;

  constexpr float cost(std::uint32_t i) const { return costs[positions[i]]; }
  constexpr std::uint64_t key(std::uint32_t i) const { return ordered_bits(cost(i)); }
};

/// Lists the candidates within the limit among those kept, with what phrases make of their costs
/// where steered. Threads race for places.
template <typename Access, bool kSteered>
struct ListCandidates {
  Lane& lane;
  float limit;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const Searched searched = lane;
    Appender<Access, Thread, Candidate> listed(lane.candidates, lane.candidate_count);
    const std::uint32_t count = lane.kept_count;
    for (std::uint32_t i = thread.index; i < count; i += thread.count) {
      const std::uint32_t position = lane.kept_positions[i];
      const std::uint32_t token = lane.position_tokens[position];
      const std::uint32_t index = lane.arc_shifts[token] + position;
      const Arc& arc = searched.arc<kSteered>(index);
      const ActiveToken& from = lane.active[token];
      const auto target = static_cast<std::uint32_t>(arc.target);
      float cost = lane.position_costs[position];
      if constexpr (kSteered) {
        ContextStep contexts{from.context, from.context};
        if (searched.concerns_phrases(arc, from.context)) [[unlikely]] {
          const PhraseStep step = searched.phrase_step(arc, from.context);
          cost = emitting_candidate(from.cost, arc.cost + step.cost,
                                    lane.acoustic_costs[arc.input - 1]);
          contexts.to = step.node;
        }
        listed.append_if(cost <= limit, {candidate_key(cost, index), target, from.history},
                         lane.candidate_contexts, contexts);
      } else {
        listed.append_if(cost <= limit, {candidate_key(cost, index), target, from.history});
      }
    }
  }
};

}  // namespace harpy::token_passing
