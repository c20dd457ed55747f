#include "decoder/search/lane_memory.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "decoder/search/collective.hpp"
#include "decoder/search/recombine.hpp"

namespace harpy {

namespace {

constexpr std::uint32_t kLeastSlotBits = 8;

/// Makes a vector at least `count` long, by half more than it was, and hands out its start.
template <typename T>
void grow(std::vector<T>& values, std::uint32_t count, T*& place) {
  if (values.size() < count) {
    values.resize(std::max<std::size_t>(count, values.size() + values.size() / 2));
  }
  place = values.data();
}

/// Size of a table that is at most half full with `count` tokens.
std::uint32_t slot_bits_for(std::uint32_t count) {
  return std::max(kLeastSlotBits, static_cast<std::uint32_t>(std::bit_width(2 * count)));
}

}  // namespace

LaneMemory::LaneMemory(Lane& lane) {
  grow(thread_sums_, kMaxPhaseThreads, lane.thread_sums);
  grow(bins_, kBinCount, lane.bins);
  reserve_active(lane, 0);
}

void LaneMemory::reserve_scores(std::uint32_t count) {
  float* place = nullptr;
  grow(scores_, count, place);
}

void LaneMemory::reserve_active(Lane& lane, std::uint32_t count) {
  grow(active_states_, count, lane.active_states);
  grow(active_costs_, count, lane.active_costs);
  grow(active_history_, count, lane.active_history);
  grow(arc_begins_, count, lane.arc_begins);
  grow(arc_offsets_, count + 1, lane.arc_offsets);
}

void LaneMemory::reserve_candidates(Lane& lane, std::uint32_t count) {
  grow(candidate_costs_, count, lane.candidate_costs);
  grow(candidates_, count, lane.candidates);
}

void LaneMemory::grow_tokens(Lane& lane, std::uint32_t count) {
  grow(token_slots_, count, lane.token_slots);
  grow(token_states_, count, lane.token_states);
  grow(token_keys_, count, lane.token_keys);
  grow(epsilon_tokens_, count, lane.epsilon_tokens);
}

void LaneMemory::reserve_tokens(Lane& lane, std::uint32_t count) {
  grow_tokens(lane, count);
  lane.slot_bits = slot_bits_for(count);
  grow(slots_, 1U << lane.slot_bits, lane.slots);
}

void LaneMemory::reserve_epsilon_tokens(Lane& lane) {
  const std::uint32_t count = lane.token_count + lane.epsilon_arc_total;
  grow_tokens(lane, count);
  grow(candidates_, lane.candidate_count + lane.epsilon_arc_total, lane.candidates);
  const std::uint32_t slot_bits = slot_bits_for(count);
  if (slot_bits > lane.slot_bits) rebuild_table(lane, slot_bits);
}

void LaneMemory::rebuild_table(Lane& lane, std::uint32_t slot_bits) {
  for (std::uint32_t i = 0; i < lane.candidate_count; ++i) {
    lane.candidates[i].destination = lane.slots[lane.candidates[i].destination].token;
  }
  moved_slots_.resize(lane.token_count);
  for (std::uint32_t token = 0; token < lane.token_count; ++token) {
    moved_slots_[token] = std::exchange(lane.slots[lane.token_slots[token]], HashSlot{});
  }
  lane.slot_bits = slot_bits;
  grow(slots_, 1U << slot_bits, lane.slots);
  const std::uint32_t mask = (1U << slot_bits) - 1;
  for (std::uint32_t token = 0; token < lane.token_count; ++token) {
    std::uint32_t index = home_slot(moved_slots_[token].state, slot_bits);
    while (lane.slots[index].state != kNoState) index = (index + 1) & mask;
    lane.slots[index] = moved_slots_[token];
    lane.token_slots[token] = index;
  }
  for (std::uint32_t i = 0; i < lane.candidate_count; ++i) {
    lane.candidates[i].destination = lane.token_slots[lane.candidates[i].destination];
  }
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

void LaneMemory::swap_history(Lane& lane) {
  history_.swap(history_spare_);
  lane.history = history_.data();
  lane.history_spare = history_spare_.data();
}

}  // namespace harpy
