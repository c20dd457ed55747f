#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "decoder/search/lattice_store.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy {

/// The arrays of a lane in host memory. They grow as needed and never shrink, so that a search in
/// its stride allocates nothing. Each `reserve_` function sees to it that what the next phase
/// writes has a place, and sets the lane's pointers.
class LaneMemory {
 public:
  /// Sets the lane's graph.
  LaneMemory(Lane& lane, const GraphView& graph);

  void reserve_scores(std::uint32_t count);
  /// Room for active tokens.
  void reserve_active(Lane& lane, std::uint32_t count);
  /// Room for the arcs of the active tokens.
  void reserve_positions(Lane& lane);
  /// Room for emitting candidates, and for as many tokens in an empty table.
  void reserve_candidates(Lane& lane, std::uint32_t count);
  /// Room for what the epsilon arcs of the listed tokens lead to.
  void reserve_epsilon(Lane& lane);
  /// Room for the frame's tokens in the history and among the active ones.
  void reserve_frontier(Lane& lane);
  void reserve_history(Lane& lane, std::uint32_t count);
  void reserve_marks(Lane& lane, std::uint32_t count);
  void reserve_followers(Lane& lane, std::uint32_t count);
  void reserve_remaining_keys(Lane& lane, std::uint32_t count);
  /// Room for the frame that is about to be added to the lattice.
  void reserve_lattice_frame(Lane& lane);
  void reserve_former_extras(Lane& lane, std::uint32_t count);
  /// Room for what stays of the lattice from the given token and link on.
  void reserve_lattice_spare(Lane& lane, std::uint32_t first_token, std::uint32_t first_link);
  /// The spare history becomes the history.
  void swap_history(Lane& lane);
  /// Takes an arc of the stable prefix.
  void settle(std::uint32_t arc) { settled_arcs_.push_back(arc); }

  /// Lends a stream's past to the lane, and gives it back with what has been added.
  void lend(Lane& lane, LatticeStore& store);
  void give_back(Lane& lane, LatticeStore& store);

  float* scores() { return scores_.data(); }
  std::vector<std::uint32_t>& settled_arcs() { return settled_arcs_; }

 private:
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
  std::vector<std::uint32_t> token_slots_;
  std::vector<SearchState> token_states_;
  std::vector<std::uint64_t> token_keys_;
  std::vector<HashSlot> slots_;
  std::vector<std::uint32_t> slot_previous_;
  std::vector<std::pair<HashSlot, std::uint32_t>> moved_slots_;
  std::vector<EpsilonToken> epsilon_tokens_;
  LatticeStore lattice_;  ///< of which the history alone is used where no lattice is kept
  std::vector<HistoryToken> history_spare_;
  std::vector<std::uint32_t> history_marks_;
  std::vector<std::uint32_t> follower_counts_;
  std::vector<std::uint32_t> followers_;
  std::vector<std::uint32_t> thread_sums_;
  std::vector<std::uint32_t> bins_;
  std::vector<std::uint64_t> remaining_keys_;
  std::vector<std::uint32_t> settled_arcs_;
  std::vector<std::uint32_t> segment_ends_;
  std::vector<std::uint32_t> former_extras_;
  std::vector<std::uint32_t> link_marks_;
  std::vector<std::uint32_t> states_spare_;
  std::vector<std::uint32_t> extras_spare_;
  std::vector<LatticeLink> links_spare_;
};

}  // namespace harpy
