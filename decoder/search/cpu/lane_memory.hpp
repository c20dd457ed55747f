#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/program/arena.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

/// The arena of a lane in host memory, with the lane's arrays. They grow as needed and never
/// shrink, so that a search in its stride allocates nothing. Each `reserve_` function sets the
/// lane's pointers.
class LaneMemory {
 public:
  /// The lane has its graph.
  explicit LaneMemory(Lane& lane);

  /// Room for the acoustic costs of a block, [count].
  void reserve_scores(std::uint32_t count);
  /// Room for `count` active tokens.
  void reserve_active(Lane& lane, std::uint32_t count);
  /// Room for `count` tokens of the past.
  void reserve_history(Lane& lane, std::uint32_t count);
  /// Room for a lattice of so many tokens, links and frames.
  void reserve_lattice(Lane& lane, std::uint32_t token_count, std::uint32_t link_count,
                       std::uint32_t frame_count);

  // The rest of SearchArena.
  void reserve_positions(Lane& lane);
  void reserve_candidates(Lane& lane, std::uint32_t count);
  void reserve_epsilon(Lane& lane);
  void reserve_frontier(Lane& lane);
  void reserve_marks(Lane& lane, std::uint32_t count);
  void reserve_followers(Lane& lane, std::uint32_t count);
  void reserve_remaining_keys(Lane& lane, std::uint32_t count);
  void reserve_lattice_frame(Lane& lane);
  void reserve_former_extras(Lane& lane, std::uint32_t count);
  void reserve_lattice_spare(Lane& lane, std::uint32_t first_token, std::uint32_t first_link);
  void swap_history(Lane& lane);
  void settle(std::uint32_t arc) { settled_arcs_.push_back(arc); }
  /// There is always room.
  template <PhaseExecutor Executor, typename Part>
  bool attempt(const Executor& executor, Lane& /*lane*/, const Part& part) {
    part(executor);
    return true;
  }
  void commit_start(const Lane& /*lane*/) {}
  void commit_frame(const Lane& /*lane*/) {}

  float* scores() { return scores_.data(); }
  std::vector<std::uint32_t>& settled_arcs() { return settled_arcs_; }

 private:
  void grow_candidates(Lane& lane, std::uint32_t count);
  void grow_tokens(Lane& lane, std::uint32_t count);
  void rebuild_table(Lane& lane, std::uint32_t slot_bits);

  std::vector<float> scores_;
  std::vector<ActiveToken> active_;
  std::vector<std::uint32_t> arc_shifts_;
  std::vector<std::uint32_t> arc_offsets_;
  std::vector<std::uint32_t> position_tokens_;
  std::vector<float> position_costs_;
  std::vector<std::uint32_t> kept_positions_;
  std::vector<Candidate> candidates_;
  std::vector<ContextStep> candidate_contexts_;
  std::vector<std::uint32_t> token_slots_;
  std::vector<SearchState> token_states_;
  std::vector<std::uint64_t> token_keys_;
  std::vector<HashSlot> slots_;
  std::vector<std::uint32_t> slot_previous_;
  std::vector<std::pair<HashSlot, std::uint32_t>> moved_slots_;
  std::vector<EpsilonToken> epsilon_tokens_;
  std::vector<HistoryToken> history_;
  std::vector<HistoryToken> history_spare_;
  std::vector<std::uint32_t> history_marks_;
  std::vector<std::uint32_t> follower_counts_;
  std::vector<std::uint32_t> followers_;
  std::vector<std::uint32_t> thread_sums_;
  std::vector<std::uint32_t> bins_;
  std::vector<std::uint64_t> remaining_keys_;
  std::vector<std::uint32_t> settled_arcs_;
  std::vector<std::uint32_t> segment_ends_;
  std::vector<SearchState> history_states_;
  std::vector<std::uint32_t> history_extras_;
  std::vector<std::uint32_t> token_begins_;
  std::vector<LatticeLink> links_;
  std::vector<std::uint32_t> link_ends_;
  std::vector<std::uint32_t> former_extras_;
  std::vector<std::uint32_t> link_marks_;
  std::vector<SearchState> states_spare_;
  std::vector<std::uint32_t> extras_spare_;
  std::vector<LatticeLink> links_spare_;
};

static_assert(SearchArena<LaneMemory>);

}  // namespace harpy::token_passing
