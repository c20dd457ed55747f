#pragma once

#include <cstdint>

#include "decoder/search/program/append.hpp"
#include "decoder/search/program/cost.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

/// Puts the frame's tokens into the history, notes their keys, empties their slots and finds the
/// best cost. Threads race for best_bits only.
template <typename Access, bool kSteered>
struct CollectTokens {
  Lane& lane;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    std::uint32_t best = kInfiniteBits;
    const std::uint32_t token_count = lane.token_count;
    HistoryToken* const history = lane.history + lane.history_count;
    for (std::uint32_t token = thread.index; token < token_count; token += thread.count) {
      const std::uint32_t index = lane.token_slots[token];
      HashSlot& slot = lane.slots[index];
      const auto bits = static_cast<std::uint32_t>(slot.key >> 32);
      best = bits < best ? bits : best;
      lane.token_keys[token] = (std::uint64_t{bits} << 32) | graph_state(lane.token_states[token]);
      const std::uint32_t winner = lane.slot_previous[index];
      history[token] = {kSteered ? lane.candidates[winner].previous : winner, key_arc(slot.key)};
      slot = HashSlot{};
    }
    Access::min(lane.best_bits, best);
  }
};

/// The keys of the frame's tokens, for a selection: cost first, then graph state.
struct TokenKeys {
  const std::uint64_t* keys;
  std::uint32_t count;

  constexpr float cost(std::uint32_t i) const { return key_cost(keys[i]); }
  constexpr std::uint64_t key(std::uint32_t i) const { return keys[i]; }
};

/// Where the best tokens end that go on: at a key, and among tokens of that key, which differ in
/// their contexts only, at a context.
struct TokenThreshold {
  std::uint64_t key = ~std::uint64_t{0};
  std::uint32_t context = ~std::uint32_t{0};
};

/// The contexts of the tokens that have one key, for a selection; those of others come behind them.
struct TiedContexts {
  const Lane& lane;
  std::uint64_t tied_key;
  std::uint32_t count;

  constexpr float cost(std::uint32_t /*i*/) const { return 0.0F; }
  constexpr std::uint64_t key(std::uint32_t i) const {
    return lane.token_keys[i] == tied_key ? context_of(lane.token_states[i]) : ~std::uint64_t{0};
  }
};

/// Counts the tokens whose keys are below a key, and those up to it, in within_count and
/// kept_count.
template <typename Access>
struct CountTokensTo {
  Lane& lane;
  std::uint64_t key;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    std::uint32_t below = 0;
    std::uint32_t up_to = 0;
    for (std::uint32_t token = thread.index; token < lane.token_count; token += thread.count) {
      below += lane.token_keys[token] < key ? 1 : 0;
      up_to += lane.token_keys[token] <= key ? 1 : 0;
    }
    Access::add(lane.within_count, below);
    Access::add(lane.kept_count, up_to);
  }
};

/// Makes tokens the active ones of the next frame: those up to the threshold. Their costs become
/// relative to the best one. Threads race for places, so their order is any.
template <typename Access, bool kSteered>
struct ActivateTokens {
  Lane& lane;
  TokenThreshold threshold;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const float best = cost_of(lane.best_bits);
    Appender<Access, Thread, ActiveToken> activated(lane.active, lane.active_count);
    const std::uint32_t token_count = lane.token_count;
    const std::uint32_t history_count = lane.history_count;
    for (std::uint32_t token = thread.index; token < token_count; token += thread.count) {
      const std::uint64_t key = lane.token_keys[token];
      const std::uint32_t context = kSteered ? context_of(lane.token_states[token]) : 0;
      const bool stays =
          kSteered ? key < threshold.key || (key == threshold.key && context <= threshold.context)
                   : key <= threshold.key;
      activated.append_if(stays,
                          {graph_state(key), key_cost(key) - best, history_count + token, context});
    }
  }
};

}  // namespace harpy::token_passing
