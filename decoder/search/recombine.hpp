#pragma once

#include <cstdint>

#include "decoder/search/cost.hpp"
#include "decoder/search/lane.hpp"

namespace harpy {

/// Where a state's search for a slot begins (Fibonacci hashing, Knuth 1973).
constexpr std::uint32_t home_slot(SearchState state, std::uint32_t slot_bits) {
  return static_cast<std::uint32_t>((state * 0x9E3779B97F4A7C15ULL) >> (64 - slot_bits));
}

/// The slot of a state; a free one is claimed and becomes the frame's next token.
/// At least one slot must be free for every candidate.
template <typename Access>
constexpr std::uint32_t claim_slot(Lane& lane, SearchState state) {
  const std::uint32_t mask = (1U << lane.slot_bits) - 1;
  for (std::uint32_t index = home_slot(state, lane.slot_bits);; index = (index + 1) & mask) {
    HashSlot& slot = lane.slots[index];
    SearchState found = Access::load(slot.state);
    if (found == kNoState) {
      found = Access::compare_exchange(slot.state, kNoState, state);
      if (found == kNoState) {
        const std::uint32_t token = Access::add(lane.token_count, 1U);
        lane.token_slots[token] = index;
        lane.token_states[token] = state;
        slot.token = token;
        return index;
      }
    }
    if (found == state) return index;
  }
}

/// Offers a candidate to the slot of its destination; returns the slot. The least key stays. Where
/// threads run one after another the last to improve the key is the winner and leaves its mark at
/// once; otherwise MarkWinners tells.
template <typename Access>
constexpr std::uint32_t offer(Lane& lane, std::uint32_t state, std::uint64_t key,
                              std::uint32_t previous) {
  const std::uint32_t index = claim_slot<Access>(lane, search_state(state));
  HashSlot& slot = lane.slots[index];
  const std::uint64_t before = Access::min(slot.key, key);
  if constexpr (!Access::kConcurrent) {
    if (key < before) slot.previous = previous;
  }
  return index;
}

/// Recombines the listed candidates: one token for each state. Threads race for slots and keys.
template <typename Access>
struct RecombineCandidates {
  static constexpr std::uint32_t kAhead = 12;  ///< a thread's candidates between prefetch and use

  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const std::uint32_t count = lane.candidate_count;
    for (std::uint32_t i = thread.index; i < count; i += thread.count) {
      if (kAhead * thread.count < count - i) {
        const std::uint32_t ahead = lane.candidates[i + kAhead * thread.count].destination;
        Access::prefetch(lane.slots + home_slot(search_state(ahead), lane.slot_bits));
      }
      Candidate& candidate = lane.candidates[i];
      candidate.destination =
          offer<Access>(lane, candidate.destination, candidate.key, candidate.previous);
    }
  }
};

/// Each candidate that won its state leaves its predecessor there. Keys are unique within a slot,
/// so no writes race.
template <typename Access>
struct MarkWinners {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < lane.candidate_count; i += thread.count) {
      const Candidate& candidate = lane.candidates[i];
      HashSlot& slot = lane.slots[candidate.destination];
      if (slot.key == candidate.key) slot.previous = candidate.previous;
    }
  }
};

}  // namespace harpy
