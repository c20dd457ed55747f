#pragma once

#include <cstdint>

#include "decoder/search/program/searched.hpp"

namespace harpy::token_passing {

/// No token, no arc.
inline constexpr std::uint32_t kNone = 0xFFFFFFFFU;

/// Tokens of one frame that have the same search state recombine. It holds the graph state in its
/// lower half, the context, a node of the stream's phrases, in the upper.
using SearchState = std::uint64_t;
inline constexpr SearchState kNoState = ~SearchState{0};

constexpr SearchState search_state(std::uint32_t state, std::uint32_t context) {
  return (SearchState{context} << 32) | state;
}
constexpr std::uint32_t graph_state(SearchState state) { return static_cast<std::uint32_t>(state); }
constexpr std::uint32_t context_of(SearchState state) {
  return static_cast<std::uint32_t>(state >> 32);
}

/// A token to be expanded.
struct ActiveToken {
  std::uint32_t state = 0;
  float cost = 0.0F;          ///< relative to the best of the frame
  std::uint32_t history = 0;  ///< index of its past
  std::uint32_t context = 0;
};

/// A token of the past: the index of the token before it and of the arc between the two; both are
/// kNone for the first token.
struct HistoryToken {
  std::uint32_t previous = kNone;
  std::uint32_t arc = kNone;
};

/// A slot of the hash table that finds the token of a search state in the frame being made.
struct HashSlot {
  SearchState state = kNoState;           ///< kNoState: free
  std::uint64_t key = ~std::uint64_t{0};  ///< candidate_key of the best candidate so far
};

/// A way into a state of the frame being made whose cost is within the limit.
struct Candidate {
  std::uint64_t key = 0;
  std::uint32_t destination = 0;  ///< graph state; once recombined, slot in the hash table
  std::uint32_t previous = 0;     ///< history token that it leaves
};

/// The contexts before and behind a candidate's arc.
struct ContextStep {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};

/// A way into a token, which a lattice keeps.
struct LatticeLink {
  std::uint32_t source = 0;  ///< history token
  std::uint32_t target = 0;  ///< history token
  std::uint32_t arc = 0;
  float acoustic_cost = 0.0F;
  float delta = 0.0F;  ///< how much worse it is than the best way into the target
};

/// A token whose state has epsilon arcs. They are followed when the state's epsilon level comes.
struct EpsilonToken {
  std::uint32_t token = 0;
  std::uint32_t level = 0;
};

/// A graph has at most so many epsilon levels, since they are numbered in a byte and added words
/// stand on one more.
inline constexpr std::uint32_t kMostSegments = 257;

/// The working memory of one search: counts, and pointers into arrays whose size a SearchArena
/// looks after. Phases read and write it; everything that lasts from phase to phase stands in it.
///
/// A frame goes like this. The emitting arcs of the `active` tokens give costs (`position_costs`).
/// Those within the limit become `candidates`, which recombine in the hash table into `token_count`
/// tokens. Epsilon arcs add further candidates and tokens, level by level. All tokens go to the
/// history, and the best of them become the next `active` tokens.
struct Lane : Searched {
  float beam = 0.0F;
  std::uint32_t min_active = 0;
  std::uint32_t max_active = 1;
  bool keep_lattice = false;
  float lattice_beam = 0.0F;

  /// Acoustic costs of the frame, [pdf_count].
  const float* acoustic_costs = nullptr;

  // Tokens to be expanded, in any order.
  std::uint32_t active_count = 0;
  ActiveToken* active = nullptr;         ///< [active_count]
  std::uint32_t* arc_shifts = nullptr;   ///< [active_count], arc index minus position
  std::uint32_t* arc_offsets = nullptr;  ///< [active_count + 1], prefix sums of arc counts

  // The emitting arcs of all active tokens. Their positions are counted through all tokens, in the
  // order of arc_offsets.
  std::uint32_t arc_total = 0;
  std::uint32_t* position_tokens = nullptr;  ///< [arc_total + 1], the active token of the arc
  float* position_costs = nullptr;           ///< [arc_total], cost of the candidate by the arc
  std::uint32_t least_bits = 0;              ///< ordered_bits of the least cost
  std::uint32_t within_count = 0;            ///< how many are within the beam
  std::uint32_t kept_count = 0;
  std::uint32_t* kept_positions =
      nullptr;  ///< [kept_count], where the candidate may be within the limit

  // Ways into the tokens of the frame being made: by emitting arcs, then by epsilon arcs, level by
  // level.
  std::uint32_t candidate_count = 0;
  Candidate* candidates = nullptr;
  ContextStep* candidate_contexts = nullptr;  ///< [candidate_count], where steered

  // Tokens of the frame being made.
  std::uint32_t token_count = 0;
  std::uint32_t* token_slots = nullptr;  ///< [token_count]
  SearchState* token_states = nullptr;   ///< [token_count]
  std::uint64_t* token_keys = nullptr;   ///< [token_count], ordered cost << 32 | graph state
  std::uint32_t best_bits = 0;           ///< ordered_bits of the best token's cost
  std::uint32_t slot_bits = 0;
  HashSlot* slots = nullptr;               ///< [1 << slot_bits]
  std::uint32_t* slot_previous = nullptr;  ///< [1 << slot_bits], history token that the winner
                                           ///< leaves; where steered, its index
  std::uint32_t epsilon_count = 0;
  std::uint32_t epsilon_arc_total = 0;  ///< epsilon arcs that leave the tokens seen so far
  EpsilonToken* epsilon_tokens = nullptr;

  /// Absolute cost of the last frame's best token.
  double cost_offset = 0.0;

  // The history: tokens of the past, those of the last frame at its end.
  std::uint32_t history_count = 0;
  std::uint32_t history_root = kNone;  ///< the token that all paths share, kNone before the first
  std::uint32_t rested_count = 0;      ///< tokens, the first ones, that the last pruning left
  std::uint32_t looked_at_count = 0;   ///< the same of the last pruning that looked at all tokens
  std::uint32_t survivor_count = 0;    ///< tokens that the pruning at work leaves
  HistoryToken* history = nullptr;
  HistoryToken* history_spare = nullptr;     ///< [history_count], for compaction
  std::uint32_t* history_marks = nullptr;    ///< [history_count + 1]
  std::uint32_t* follower_counts = nullptr;  ///< [survivors]
  std::uint32_t* followers = nullptr;        ///< [survivors]

  // The raw lattice, if one is kept: the tokens of the history, their states and extra costs, and
  // all ways into them (links). Its first frame holds the tokens before any frame is consumed. The
  // links of a frame stand in `epsilon_level_count` segments.
  std::uint32_t* segment_ends = nullptr;  ///< [kMostSegments], ends of the frame's candidates
  std::uint32_t lattice_frame_count = 0;
  std::uint32_t pruned_frame_count = 0;     ///< frames that were there when it was last pruned
  std::uint32_t first_changed_frame = 0;    ///< the least one that pruning has looked at
  std::uint32_t fixed_frame_count = 0;      ///< frames at the beginning that are never pruned
  std::uint32_t* token_begins = nullptr;    ///< [lattice_frame_count + 1], index into history
  std::uint32_t* link_ends = nullptr;       ///< [lattice_frame_count, segments], index into links
  SearchState* history_states = nullptr;    ///< [history_count]
  std::uint32_t* history_extras = nullptr;  ///< [history_count], ordered_bits of extra costs
  std::uint32_t link_count = 0;
  LatticeLink* links = nullptr;
  // For the pruning of the lattice.
  std::uint32_t extras_changed = 0;
  bool extras_settled = false;
  std::uint32_t* former_extras = nullptr;  ///< [tokens of a frame]
  std::uint32_t* link_marks = nullptr;     ///< [links + 1]
  SearchState* states_spare = nullptr;
  std::uint32_t* extras_spare = nullptr;
  LatticeLink* links_spare = nullptr;

  // For sums over all threads and for the selection of a key by rank.
  std::uint32_t* thread_sums = nullptr;  ///< [threads]
  std::uint32_t* bins = nullptr;         ///< [kBinCount]
  std::uint32_t selected_bin = 0;
  std::uint32_t wanted_rank = 0;
  std::uint32_t selected_rank = 0;  ///< in the bin
  std::uint64_t selected_prefix = 0;
  std::uint32_t remaining_count = 0;
  std::uint64_t* remaining_keys = nullptr;  ///< [remaining_count], keys that may be the wanted one

  /// At most how many tokens `count` candidates make, since they differ in their states.
  constexpr std::uint32_t bounded_by_states(std::uint32_t count) const {
    const auto state_count = static_cast<std::uint32_t>(graph.state_count);
    return count < state_count || is_steered() ? count : state_count;
  }
};

}  // namespace harpy::token_passing
