#pragma once

#include <cstdint>
#include <type_traits>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/program/arena.hpp"
#include "decoder/search/program/collective.hpp"
#include "decoder/search/program/cost.hpp"
#include "decoder/search/program/history.hpp"
#include "decoder/search/program/lane.hpp"

// Pruning of the raw lattice against the frontier. The extra cost of a token is how much worse the
// best path through it to any active token is than the best path to that active token:
//   extra(active) = 0, extra(s) = min over links s -> t of delta(link) + extra(t).
// It never falls as the search goes on, so that what is dropped here could not be within
// lattice_beam of the best path at the end either. Source: Povey et al. 2012, "Generating exact
// lattices in the WFST framework", section 5.

namespace harpy::token_passing {

/// Between two prunings a lattice grows by at least so many frames. Each pruning goes back over a
/// second or two of frames that were pruned before. With many threads that costs barriers, so it is
/// done rarely; one thread prunes often, since frames that are not pruned yet are most of a
/// stream's memory. What `lattice` returns does not depend on when the lattice was pruned.
template <typename Access>
inline constexpr std::uint32_t kLatticePruningFrames = Access::kConcurrent ? 32 : 4;

/// Puts the extra costs of the tokens [from, to) aside and forgets them.
struct ForgetExtras {
  Lane& lane;
  std::uint32_t from;
  std::uint32_t to;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t token = from + thread.index; token < to; token += thread.count) {
      lane.former_extras[token - from] = lane.history_extras[token];
      lane.history_extras[token] = kInfiniteBits;
    }
  }
};

/// Active tokens have no extra cost.
struct SeedExtras {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < lane.active_count; i += thread.count) {
      lane.history_extras[lane.active[i].history] = ordered_bits(0.0F);
    }
  }
};

/// Carries extra costs back over the links [from, to). Threads race for those of the sources.
template <typename Access>
struct RelaxLinks {
  Lane& lane;
  std::uint32_t from;
  std::uint32_t to;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = from + thread.index; i < to; i += thread.count) {
      const LatticeLink& link = lane.links[i];
      const float extra = link.delta + cost_of(Access::load(lane.history_extras[link.target]));
      Access::min(lane.history_extras[link.source], ordered_bits(extra));
    }
  }
};

/// Notes whether any extra cost of the tokens [from, to) has changed.
template <typename Access>
struct CompareExtras {
  Lane& lane;
  std::uint32_t from;
  std::uint32_t to;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    std::uint32_t changed = 0;
    for (std::uint32_t token = from + thread.index; token < to; token += thread.count) {
      changed |= lane.former_extras[token - from] ^ lane.history_extras[token];
    }
    if (changed != 0) Access::store(lane.extras_changed, 1U);
  }
};

/// Marks with 1 the tokens from `from` on that stay.
struct MarkTokens {
  Lane& lane;
  std::uint32_t from;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t token = from + thread.index; token < lane.history_count;
         token += thread.count) {
      const bool stays = cost_of(lane.history_extras[token]) <= lane.lattice_beam;
      lane.history_marks[token - from] = stays ? 1 : 0;
    }
  }
};

/// Marks with 1 the links from `from` on that stay.
struct MarkLinks {
  Lane& lane;
  std::uint32_t from;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = from + thread.index; i < lane.link_count; i += thread.count) {
      const LatticeLink& link = lane.links[i];
      const float extra = link.delta + cost_of(lane.history_extras[link.target]);
      lane.link_marks[i - from] = extra <= lane.lattice_beam ? 1 : 0;
    }
  }
};

/// New index of a token: those before `from` keep theirs, the others get what the scan of the marks
/// says.
constexpr std::uint32_t moved_token(const Lane& lane, std::uint32_t from, std::uint32_t token) {
  return token == kNone || token < from ? token : from + lane.history_marks[token - from];
}

/// Notes that the frames from `first_frame` on have been pruned.
constexpr void note_pruning(Lane& lane, std::uint32_t first_frame) {
  lane.pruned_frame_count = lane.lattice_frame_count;
  if (first_frame < lane.first_changed_frame) lane.first_changed_frame = first_frame;
}

/// Copies the tokens from `first_token` on and the links from `first_link` on that stay to the
/// spare arrays. A thread owns what it copies.
struct SpareLattice {
  Lane& lane;
  std::uint32_t first_token;
  std::uint32_t first_link;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t token = first_token + thread.index; token < lane.history_count;
         token += thread.count) {
      const std::uint32_t place = lane.history_marks[token - first_token];
      if (lane.history_marks[token - first_token + 1] == place) continue;
      const HistoryToken& stays = lane.history[token];
      lane.history_spare[place] = {moved_token(lane, first_token, stays.previous), stays.arc};
      lane.states_spare[place] = lane.history_states[token];
      lane.extras_spare[place] = lane.history_extras[token];
    }
    for (std::uint32_t i = first_link + thread.index; i < lane.link_count; i += thread.count) {
      const std::uint32_t place = lane.link_marks[i - first_link];
      if (lane.link_marks[i - first_link + 1] == place) continue;
      LatticeLink link = lane.links[i];
      link.source = moved_token(lane, first_token, link.source);
      link.target = moved_token(lane, first_token, link.target);
      lane.links_spare[place] = link;
    }
  }
};

/// Copies the contents of the spare arrays back, and corrects the indices in the active tokens and
/// in the bounds of the frames from `first_frame` on. A thread owns what it moves.
struct RestoreLattice {
  Lane& lane;
  std::uint32_t first_token;
  std::uint32_t first_link;
  std::uint32_t first_frame;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const std::uint32_t token_count = lane.history_marks[lane.history_count - first_token];
    for (std::uint32_t i = thread.index; i < token_count; i += thread.count) {
      lane.history[first_token + i] = lane.history_spare[i];
      lane.history_states[first_token + i] = lane.states_spare[i];
      lane.history_extras[first_token + i] = lane.extras_spare[i];
    }
    const std::uint32_t link_count = lane.link_marks[lane.link_count - first_link];
    for (std::uint32_t i = thread.index; i < link_count; i += thread.count) {
      lane.links[first_link + i] = lane.links_spare[i];
    }
    for (std::uint32_t i = thread.index; i < lane.active_count; i += thread.count) {
      lane.active[i].history = moved_token(lane, first_token, lane.active[i].history);
    }
    for (std::uint32_t frame = first_frame + thread.index; frame < lane.lattice_frame_count;
         frame += thread.count) {
      lane.token_begins[frame + 1] = moved_token(lane, first_token, lane.token_begins[frame + 1]);
      const auto segment_count = static_cast<std::uint32_t>(lane.graph.epsilon_level_count);
      for (std::uint32_t i = frame * segment_count; i < (frame + 1) * segment_count; ++i) {
        lane.link_ends[i] = first_link + lane.link_marks[lane.link_ends[i] - first_link];
      }
    }
  }
};

/// Does what the phases from MarkTokens on do, for one thread alone, without spare arrays:
/// everything moves to lower places of its own array, none of which is still to be read.
struct CompactLattice {
  Lane& lane;
  std::uint32_t first_token;
  std::uint32_t first_link;
  std::uint32_t first_frame;

  constexpr void operator()(SoleThread) const {
    mark_tokens();
    move_links();
    move_tokens();
    for (std::uint32_t i = 0; i < lane.active_count; ++i) {
      lane.active[i].history = moved_token(lane, first_token, lane.active[i].history);
    }
    for (std::uint32_t frame = first_frame; frame < lane.lattice_frame_count; ++frame) {
      lane.token_begins[frame + 1] = moved_token(lane, first_token, lane.token_begins[frame + 1]);
    }
    lane.history_count = lane.token_begins[lane.lattice_frame_count];
    note_pruning(lane, first_frame);
  }

 private:
  constexpr void mark_tokens() const {
    const std::uint32_t token_count = lane.history_count - first_token;
    std::uint32_t place = 0;
    for (std::uint32_t i = 0; i < token_count; ++i) {
      lane.history_marks[i] = place;
      place += cost_of(lane.history_extras[first_token + i]) <= lane.lattice_beam ? 1 : 0;
    }
    lane.history_marks[token_count] = place;
  }

  constexpr void move_links() const {
    const auto segment_count = static_cast<std::uint32_t>(lane.graph.epsilon_level_count);
    LatticeLink* const links = lane.links;
    std::uint32_t place = first_link;
    std::uint32_t i = first_link;
    for (std::uint32_t segment = first_frame * segment_count;
         segment < lane.lattice_frame_count * segment_count; ++segment) {
      for (; i < lane.link_ends[segment]; ++i) {
        LatticeLink link = links[i];
        const float extra = link.delta + cost_of(lane.history_extras[link.target]);
        link.source = moved_token(lane, first_token, link.source);
        link.target = moved_token(lane, first_token, link.target);
        links[place] = link;
        place += extra <= lane.lattice_beam ? 1 : 0;
      }
      lane.link_ends[segment] = place;
    }
    lane.link_count = place;
  }

  constexpr void move_tokens() const {
    const std::uint32_t token_count = lane.history_count - first_token;
    for (std::uint32_t i = 0; i < token_count; ++i) {
      const std::uint32_t from = first_token + i;
      const std::uint32_t to = first_token + lane.history_marks[i];
      lane.history[to] = {moved_token(lane, first_token, lane.history[from].previous),
                          lane.history[from].arc};
      lane.history_states[to] = lane.history_states[from];
      lane.history_extras[to] = lane.history_extras[from];
    }
  }
};

/// The links of a segment of a frame: 0 for emitting arcs, 1 + level for epsilon arcs.
template <typename Access>
constexpr RelaxLinks<Access> relax_segment(Lane& lane, std::uint32_t frame, std::uint32_t segment) {
  const std::uint32_t index =
      frame * static_cast<std::uint32_t>(lane.graph.epsilon_level_count) + segment;
  return {lane, index == 0 ? 0 : lane.link_ends[index - 1], lane.link_ends[index]};
}

/// Brings the extra costs up to date, frame by frame, from the last one back. Stops before a frame
/// older than `new_frame` whose extra costs have not changed, since then those of all frames before
/// it have not changed either, and before the fixed frames. Returns the first frame that may have
/// changed.
template <typename Access, PhaseExecutor Executor, SearchArena Arena>
constexpr std::uint32_t update_extras(const Executor& executor, Lane& lane, Arena& arena,
                                      std::uint32_t new_frame) {
  const std::uint32_t frame_count = lane.lattice_frame_count;
  for (std::uint32_t frame = frame_count; frame-- > lane.fixed_frame_count;) {
    const std::uint32_t from = lane.token_begins[frame];
    const std::uint32_t to = lane.token_begins[frame + 1];
    executor.alone([&] {
      arena.reserve_former_extras(lane, to - from);
      lane.extras_changed = 0;
    });
    executor.run(ForgetExtras{lane, from, to});
    if (frame + 1 == frame_count) {
      executor.run(SeedExtras{lane});
    } else {
      executor.run(relax_segment<Access>(lane, frame + 1, 0));
    }
    const auto segment_count = static_cast<std::uint32_t>(lane.graph.epsilon_level_count);
    for (std::uint32_t segment = segment_count; --segment > 0;) {
      executor.run(relax_segment<Access>(lane, frame, segment));
    }
    executor.run(CompareExtras<Access>{lane, from, to});
    executor.alone([&] { lane.extras_settled = frame < new_frame && lane.extras_changed == 0; });
    if (lane.extras_settled) return frame + 1;
  }
  return lane.fixed_frame_count;
}

/// Drops tokens and links whose extra cost exceeds lattice_beam. Frames from `new_frame` on were
/// added since the last time. Cost: linear in what the new frames change, mostly a second or two.
template <typename Access, PhaseExecutor Executor, SearchArena Arena>
constexpr void prune_lattice(const Executor& executor, Lane& lane, Arena& arena,
                             std::uint32_t new_frame) {
  const std::uint32_t first_frame = update_extras<Access>(executor, lane, arena, new_frame);
  const std::uint32_t first_token = lane.token_begins[first_frame];
  const std::uint32_t first_link = relax_segment<Access>(lane, first_frame, 0).from;
  if constexpr (std::is_same_v<Executor, SerialExecutor>) {
    arena.reserve_marks(lane, lane.history_count - first_token);
    executor.run(CompactLattice{lane, first_token, first_link, first_frame});
    return;
  }
  executor.alone([&] { arena.reserve_lattice_spare(lane, first_token, first_link); });
  executor.run(MarkTokens{lane, first_token});
  executor.run(MarkLinks{lane, first_link});
  exclusive_scan(executor, lane, lane.history_marks, lane.history_count - first_token);
  exclusive_scan(executor, lane, lane.link_marks, lane.link_count - first_link);
  executor.run(SpareLattice{lane, first_token, first_link});
  executor.run(RestoreLattice{lane, first_token, first_link, first_frame});
  executor.alone([&] {
    lane.history_root = moved_token(lane, first_token, lane.history_root);
    lane.history_count = lane.token_begins[lane.lattice_frame_count];
    lane.link_count = first_link + lane.link_marks[lane.link_count - first_link];
    note_pruning(lane, first_frame);
  });
}

}  // namespace harpy::token_passing
