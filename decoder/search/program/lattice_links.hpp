#pragma once

#include <cstdint>

#include "decoder/search/program/append.hpp"
#include "decoder/search/program/arena.hpp"
#include "decoder/search/program/cost.hpp"
#include "decoder/search/program/lane.hpp"

// The raw lattice. Recombination keeps only one way into a state. Where a lattice is wanted, a
// further pass over the candidates keeps every way that is nearly as good.

namespace harpy::token_passing {

/// Writes the number of its token into each slot that the frame uses, over the state, which is no
/// longer needed.
struct NumberSlots {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t token = thread.index; token < lane.token_count; token += thread.count) {
      lane.slots[lane.token_slots[token]].state = token;
    }
  }
};

/// Lists the candidates [from, to) that cost at most lattice_beam more than the winner of their
/// state, in any order. Threads race for places.
template <typename Access>
struct ListLinks {
  Lane& lane;
  std::uint32_t from;
  std::uint32_t to;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    Appender<Access, Thread, LatticeLink> links(lane.links, lane.link_count);
    for (std::uint32_t i = from + thread.index; i < to; i += thread.count) {
      const Candidate& candidate = lane.candidates[i];
      const HashSlot& slot = lane.slots[candidate.destination];
      const float delta = key_cost(candidate.key) - key_cost(slot.key);
      if (!(delta <= lane.lattice_beam) || candidate.previous == kNone) continue;
      const std::uint32_t arc = key_arc(candidate.key);
      const std::int32_t input = lane.arc(arc).input;
      links.append_if(
          true, {candidate.previous, lane.history_count + static_cast<std::uint32_t>(slot.state),
                 arc, input == 0 ? 0.0F : lane.acoustic_costs[input - 1], delta});
    }
  }
};

/// Notes the search states of the frame's tokens beside the history. A thread owns the tokens it
/// notes.
struct NoteStates {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t token = thread.index; token < lane.token_count; token += thread.count) {
      lane.history_states[lane.history_count + token] = lane.token_states[token];
    }
  }
};

/// Adds the frame's candidates to the lattice, a segment of links for the emitting arcs and one for
/// each level of epsilon arcs. The frame's tokens are recombined but not yet collected.
template <typename Access, PhaseExecutor Executor, SearchArena Arena>
constexpr void add_lattice_frame(const Executor& executor, Lane& lane, Arena& arena) {
  executor.alone([&] { arena.reserve_lattice_frame(lane); });
  executor.run(NumberSlots{lane});
  executor.run(NoteStates{lane});
  const auto segment_count = static_cast<std::uint32_t>(lane.graph.epsilon_level_count);
  for (std::uint32_t segment = 0; segment < segment_count; ++segment) {
    const std::uint32_t from = segment == 0 ? 0 : lane.segment_ends[segment - 1];
    executor.run(ListLinks<Access>{lane, from, lane.segment_ends[segment]});
    executor.alone([&] {
      lane.link_ends[lane.lattice_frame_count * segment_count + segment] = lane.link_count;
    });
  }
  executor.alone([&] {
    ++lane.lattice_frame_count;
    lane.token_begins[lane.lattice_frame_count] = lane.history_count + lane.token_count;
  });
}

}  // namespace harpy::token_passing
