#include "decoder/search/cpu/lane_memory.hpp"

#include <algorithm>
#include <utility>

#include "decoder/search/program/collective.hpp"
#include "decoder/search/program/recombine.hpp"
#include "decoder/search/program/select.hpp"

namespace harpy::token_passing {

namespace {

/// Makes a vector at least `count` long, by a quarter more than it was, and hands out its start.
template <typename T>
void grow(std::vector<T>& values, std::uint32_t count, T*& place) {
  if (values.size() < count) {
    const std::size_t size = std::max<std::size_t>(count, values.size() + values.size() / 4);
    values.reserve(size);  // resize alone would take twice the memory of before
    values.resize(size);
  }
  place = values.data();
}

}  // namespace

LaneMemory::LaneMemory(Lane& lane) {
  grow(segment_ends_, kMostSegments, lane.segment_ends);
  grow(thread_sums_, kMaxPhaseThreads, lane.thread_sums);
  grow(bins_, kBinCount, lane.bins);
  reserve_active(lane, 0);
}

void LaneMemory::reserve_scores(std::uint32_t count) {
  float* place = nullptr;
  grow(scores_, count, place);
}

void LaneMemory::reserve_active(Lane& lane, std::uint32_t count) {
  grow(active_, count + 1, lane.active);
  grow(arc_shifts_, count, lane.arc_shifts);
  grow(arc_offsets_, count + 1, lane.arc_offsets);
}

void LaneMemory::reserve_positions(Lane& lane) {
  grow(position_tokens_, lane.arc_total + 1, lane.position_tokens);
  grow(position_costs_, lane.arc_total, lane.position_costs);
  grow(kept_positions_, lane.arc_total + 1, lane.kept_positions);
}

void LaneMemory::reserve_candidates(Lane& lane, std::uint32_t count) {
  grow_candidates(lane, count + 1);
  const std::uint32_t token_bound = lane.bounded_by_states(count);
  grow_tokens(lane, token_bound);
  lane.slot_bits = slot_bits_for(token_bound);
  grow(slots_, 1U << lane.slot_bits, lane.slots);
  grow(slot_previous_, 1U << lane.slot_bits, lane.slot_previous);
}

void LaneMemory::grow_candidates(Lane& lane, std::uint32_t count) {
  grow(candidates_, count, lane.candidates);
  if (lane.is_steered()) grow(candidate_contexts_, count, lane.candidate_contexts);
}

void LaneMemory::grow_tokens(Lane& lane, std::uint32_t count) {
  grow(token_slots_, count + 1, lane.token_slots);
  grow(token_states_, count + 1, lane.token_states);
  grow(token_keys_, count, lane.token_keys);
  grow(epsilon_tokens_, count + 1, lane.epsilon_tokens);
}

void LaneMemory::reserve_epsilon(Lane& lane) {
  const std::uint32_t count = lane.bounded_by_states(lane.token_count + lane.epsilon_arc_total);
  grow_tokens(lane, count);
  grow_candidates(lane, lane.candidate_count + lane.epsilon_arc_total + 1);
  if (!is_table_roomy(count, lane.slot_bits)) rebuild_table(lane, slot_bits_for(count));
}

void LaneMemory::rebuild_table(Lane& lane, std::uint32_t slot_bits) {
  moved_slots_.resize(lane.token_count);
  for (std::uint32_t token = 0; token < lane.token_count; ++token) {
    const std::uint32_t index = lane.token_slots[token];
    moved_slots_[token] = {std::exchange(lane.slots[index], HashSlot{}), lane.slot_previous[index]};
  }
  // Candidates point at slots; they follow by way of the token, left in the slot's other field.
  for (std::uint32_t token = 0; token < lane.token_count; ++token) {
    lane.slot_previous[lane.token_slots[token]] = token;
  }
  for (std::uint32_t i = 0; i < lane.candidate_count; ++i) {
    lane.candidates[i].destination = lane.slot_previous[lane.candidates[i].destination];
  }
  lane.slot_bits = slot_bits;
  grow(slots_, 1U << slot_bits, lane.slots);
  grow(slot_previous_, 1U << slot_bits, lane.slot_previous);
  const std::uint32_t mask = (1U << slot_bits) - 1;
  for (std::uint32_t token = 0; token < lane.token_count; ++token) {
    const auto& [slot, previous] = moved_slots_[token];
    std::uint32_t index = home_slot(slot.state, slot_bits);
    while (lane.slots[index].state != kNoState) index = (index + 1) & mask;
    lane.slots[index] = slot;
    lane.slot_previous[index] = previous;
    lane.token_slots[token] = index;
  }
  for (std::uint32_t i = 0; i < lane.candidate_count; ++i) {
    lane.candidates[i].destination = lane.token_slots[lane.candidates[i].destination];
  }
}

void LaneMemory::reserve_frontier(Lane& lane) {
  reserve_history(lane, lane.history_count + lane.token_count);
  reserve_active(lane, std::min(lane.token_count, lane.max_active));
}

void LaneMemory::reserve_history(Lane& lane, std::uint32_t count) {
  grow(history_, count, lane.history);
}

void LaneMemory::reserve_marks(Lane& lane, std::uint32_t count) {
  grow(history_marks_, count + 1, lane.history_marks);
}

void LaneMemory::reserve_followers(Lane& lane, std::uint32_t count) {
  grow(history_spare_, count, lane.history_spare);
  grow(follower_counts_, count, lane.follower_counts);
  grow(followers_, count, lane.followers);
}

void LaneMemory::reserve_remaining_keys(Lane& lane, std::uint32_t count) {
  grow(remaining_keys_, count + 1, lane.remaining_keys);
}

void LaneMemory::reserve_lattice(Lane& lane, std::uint32_t token_count, std::uint32_t link_count,
                                 std::uint32_t frame_count) {
  reserve_history(lane, token_count);
  grow(history_states_, token_count, lane.history_states);
  grow(history_extras_, token_count, lane.history_extras);
  grow(links_, link_count, lane.links);
  grow(token_begins_, frame_count + 1, lane.token_begins);
  const auto segment_count = static_cast<std::uint32_t>(lane.graph.epsilon_level_count);
  grow(link_ends_, frame_count * segment_count, lane.link_ends);
}

void LaneMemory::reserve_lattice_frame(Lane& lane) {
  // An appender may write one link more.
  reserve_lattice(lane, lane.history_count + lane.token_count,
                  lane.link_count + lane.candidate_count + 1, lane.lattice_frame_count + 1);
}

void LaneMemory::reserve_former_extras(Lane& lane, std::uint32_t count) {
  grow(former_extras_, count, lane.former_extras);
}

void LaneMemory::reserve_lattice_spare(Lane& lane, std::uint32_t first_token,
                                       std::uint32_t first_link) {
  const std::uint32_t token_count = lane.history_count - first_token;
  reserve_marks(lane, token_count);
  grow(history_spare_, token_count, lane.history_spare);
  grow(states_spare_, token_count, lane.states_spare);
  grow(extras_spare_, token_count, lane.extras_spare);
  const std::uint32_t link_count = lane.link_count - first_link;
  grow(link_marks_, link_count + 1, lane.link_marks);
  grow(links_spare_, link_count, lane.links_spare);
}

void LaneMemory::swap_history(Lane& lane) {
  history_.swap(history_spare_);
  lane.history = history_.data();
  lane.history_spare = history_spare_.data();
}

}  // namespace harpy::token_passing
