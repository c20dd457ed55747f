#pragma once

#include <bit>
#include <cstdint>

#include "decoder/search/program/append.hpp"
#include "decoder/search/program/cost.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

/// The smallest hash table has 1 << kLeastSlotBits slots.
inline constexpr std::uint32_t kLeastSlotBits = 8;

/// The size of a hash table, 1 << slot_bits slots, that is at most half full with `count` tokens.
constexpr std::uint32_t slot_bits_for(std::uint32_t count) {
  const auto bits = static_cast<std::uint32_t>(std::bit_width(2 * count));
  return bits < kLeastSlotBits ? kLeastSlotBits : bits;
}

/// Whether a table with `count` tokens is at most three quarters full.
constexpr bool is_table_roomy(std::uint32_t count, std::uint32_t slot_bits) {
  const std::uint32_t slot_count = 1U << slot_bits;
  return count <= slot_count - slot_count / 4;
}

/// Where a state's search for a slot begins (Fibonacci hashing, Knuth 1973).
constexpr std::uint32_t home_slot(SearchState state, std::uint32_t slot_bits) {
  return static_cast<std::uint32_t>((state * 0x9E3779B97F4A7C15ULL) >> (64 - slot_bits));
}

/// The slot of a state; a free one is claimed and becomes the frame's next token. At least one slot
/// must stay free.
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
        return index;
      }
    }
    if (found == state) return index;
  }
}

/// Whether a slot is taken by another state: it holds neither this state nor kNoState. The test
/// takes one branch in place of two.
constexpr bool is_taken_by_another(SearchState found, SearchState state) {
  const SearchState differs = found ^ state;
  const SearchState taken = ~found;
  return (differs < taken ? differs : taken) != 0;
}

/// The search state that a candidate leads to.
template <bool kSteered>
constexpr SearchState destination_of(const Lane& lane, std::uint32_t candidate) {
  if constexpr (kSteered) {
    return search_state(lane.candidates[candidate].destination,
                        lane.candidate_contexts[candidate].to);
  }
  return search_state(lane.candidates[candidate].destination, 0);
}

/// What a candidate that wins its state notes in slot_previous.
template <bool kSteered>
constexpr std::uint32_t winner_note(const Lane& lane, std::uint32_t candidate) {
  return kSteered ? candidate : lane.candidates[candidate].previous;
}

/// Whether a candidate wins against another of the same key: the same arc from the same state, left
/// in a lower context. Only where steered can two keys of one slot be equal.
constexpr bool is_before(const Lane& lane, std::uint32_t candidate, std::uint32_t other) {
  return lane.candidate_contexts[candidate].from < lane.candidate_contexts[other].from;
}

/// Recombines the candidates [from, to): each state gets one token, whose key is the least of its
/// candidates'; of equal keys the lower context before the arc wins. Threads race for slots and
/// keys. Where threads run one after another, each candidate that improves a key notes that in
/// slot_previous at once, so that the winner's note stays; where they run together, MarkWinners
/// does that afterwards.
template <typename Access, bool kSteered>
struct RecombineCandidates {
  /// So many candidates before its use a slot is prefetched.
  static constexpr std::uint32_t kAhead = 12;

  Lane& lane;
  std::uint32_t from;
  std::uint32_t to;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    if constexpr (kIsSole<Thread> && !Access::kConcurrent) {
      recombine_alone();
    } else {
      for (std::uint32_t i = from + thread.index; i < to; i += thread.count) {
        Candidate& candidate = lane.candidates[i];
        const std::uint32_t index = claim_slot<Access>(lane, destination_of<kSteered>(lane, i));
        const std::uint64_t before = Access::min(lane.slots[index].key, candidate.key);
        if constexpr (!Access::kConcurrent) {
          bool is_better = candidate.key < before;
          if constexpr (kSteered) {
            if (candidate.key == before) is_better = is_before(lane, i, lane.slot_previous[index]);
          }
          if (is_better) lane.slot_previous[index] = winner_note<kSteered>(lane, i);
        }
        candidate.destination = index;
      }
    }
  }

  /// The same for one thread, without branches that depend on whether the state is new or the
  /// candidate better.
  constexpr void recombine_alone() const {
    const std::uint32_t slot_bits = lane.slot_bits;
    const std::uint32_t mask = (1U << slot_bits) - 1;
    HashSlot* const slots = lane.slots;
    std::uint32_t* const slot_previous = lane.slot_previous;
    std::uint32_t* const token_slots = lane.token_slots;
    SearchState* const token_states = lane.token_states;
    std::uint32_t token_count = lane.token_count;
    for (std::uint32_t i = from; i < to; ++i) {
      if (i + kAhead < to) {
        const SearchState ahead = destination_of<kSteered>(lane, i + kAhead);
        Access::prefetch(slots + home_slot(ahead, slot_bits));
        Access::prefetch(slot_previous + home_slot(ahead, slot_bits));
      }
      Candidate& candidate = lane.candidates[i];
      const SearchState state = destination_of<kSteered>(lane, i);
      std::uint32_t index = home_slot(state, slot_bits);
      while (is_taken_by_another(slots[index].state, state)) index = (index + 1) & mask;
      HashSlot& slot = slots[index];
      token_slots[token_count] = index;
      token_states[token_count] = state;
      token_count += slot.state == kNoState ? 1 : 0;
      std::uint32_t better = candidate.key < slot.key ? ~0U : 0U;
      const std::uint32_t before = slot_previous[index];
      if constexpr (kSteered) {
        if (candidate.key == slot.key && is_before(lane, i, before)) better = ~0U;
      }
      slot_previous[index] = before ^ ((before ^ winner_note<kSteered>(lane, i)) & better);
      slot.key = candidate.key < slot.key ? candidate.key : slot.key;
      slot.state = state;
      candidate.destination = index;
    }
    lane.token_count = token_count;
  }
};

/// Makes ready for MarkWinners where keys of a slot can be equal: no slot of a token has a note.
struct ForgetWinners {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t token = thread.index; token < lane.token_count; token += thread.count) {
      lane.slot_previous[lane.token_slots[token]] = kNone;
    }
  }
};

/// Each candidate that won its state notes that in slot_previous. Threads race where keys of a slot
/// can be equal.
template <typename Access, bool kSteered>
struct MarkWinners {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < lane.candidate_count; i += thread.count) {
      const Candidate& candidate = lane.candidates[i];
      if (lane.slots[candidate.destination].key != candidate.key) continue;
      std::uint32_t& note = lane.slot_previous[candidate.destination];
      if constexpr (kSteered) {
        std::uint32_t other = Access::load(note);
        while (other == kNone || is_before(lane, i, other)) {
          const std::uint32_t found = Access::compare_exchange(note, other, i);
          if (found == other) break;
          other = found;
        }
      } else {
        note = candidate.previous;
      }
    }
  }
};

}  // namespace harpy::token_passing
