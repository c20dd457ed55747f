#pragma once

#include <cstdint>

#include "decoder/search/cost.hpp"
#include "decoder/search/lane.hpp"

namespace harpy {

/// Puts the frame's tokens into the history, empties their slots and finds the best cost. Threads
/// race for best_bits only.
template <typename Access>
struct CollectTokens {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    std::uint32_t best = kInfiniteBits;
    for (std::uint32_t token = thread.index; token < lane.token_count; token += thread.count) {
      HashSlot& slot = lane.slots[lane.token_slots[token]];
      const auto bits = static_cast<std::uint32_t>(slot.key >> 32);
      best = bits < best ? bits : best;
      lane.token_keys[token] = (std::uint64_t{bits} << 32) | graph_state(slot.state);
      lane.history[lane.history_count + token] = {slot.previous, key_arc(slot.key)};
      slot = HashSlot{};
    }
    Access::min(lane.best_bits, best);
  }
};

/// Costs and states of the frame's tokens as keys, the best token's cost at 0.
struct TokenKeys {
  const std::uint64_t* keys;
  std::uint32_t count;
  std::uint64_t base;

  constexpr std::uint64_t at(std::uint32_t i) const { return keys[i] - base; }
};

/// Makes the tokens whose keys do not exceed the threshold the next active ones, in any order, with
/// costs relative to the best. Threads race for places.
template <typename Access>
struct ActivateTokens {
  Lane& lane;
  std::uint64_t threshold;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const float best = cost_of(lane.best_bits);
    for (std::uint32_t token = thread.index; token < lane.token_count; token += thread.count) {
      const std::uint64_t key = lane.token_keys[token];
      if (key > threshold) continue;
      const std::uint32_t place = Access::add(lane.active_count, 1U);
      lane.active_states[place] = graph_state(key);
      lane.active_costs[place] = key_cost(key) - best;
      lane.active_history[place] = lane.history_count + token;
    }
  }
};

}  // namespace harpy
