#pragma once

#include <cstdint>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/collective.hpp"
#include "decoder/search/cost.hpp"
#include "decoder/search/epsilon.hpp"
#include "decoder/search/expand.hpp"
#include "decoder/search/lane.hpp"
#include "decoder/search/prune.hpp"
#include "decoder/search/recombine.hpp"

namespace harpy {

/// Scale and sign of the log-likelihoods, in a pass of their own.
struct ScaleScores {
  const float* log_likelihoods;  ///< [count]
  float* acoustic_costs;         ///< [count]
  std::uint32_t count;
  float scale;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (std::uint32_t i = thread.index; i < count; i += thread.count) {
      acoustic_costs[i] = acoustic_cost(log_likelihoods[i], scale);
    }
  }
};

/// Makes tokens of the listed candidates and of the epsilon arcs behind them, and the best
/// max_active of these the active ones.
template <typename Access, typename Executor, typename Arena>
constexpr void make_tokens(const Executor& executor, Lane& lane, Arena& arena, float limit) {
  executor.run(RecombineCandidates<Access>{lane});
  std::uint32_t seen = 0;
  const auto last_level = static_cast<std::uint32_t>(lane.graph.epsilon_level_count - 1);
  for (std::uint32_t level = 0; level < last_level; ++level) {
    const std::uint32_t token_count = lane.token_count;
    executor.run(ListEpsilonTokens<Access>{lane, seen, token_count});
    executor.alone([&] { arena.reserve_epsilon_tokens(lane); });
    executor.run(ExpandEpsilon<Access>{lane, level, limit});
    seen = token_count;
  }
  if constexpr (Access::kConcurrent) executor.run(MarkWinners<Access>{lane});

  executor.alone([&] {
    lane.best_bits = kInfiniteBits;
    lane.active_count = 0;
    arena.reserve_history(lane, lane.history_count + lane.token_count);
    arena.reserve_active(lane,
                         lane.token_count < lane.max_active ? lane.token_count : lane.max_active);
  });
  executor.run(CollectTokens<Access>{lane});
  std::uint64_t threshold = ~std::uint64_t{0};
  if (lane.token_count > lane.max_active) {
    const std::uint64_t base = std::uint64_t{lane.best_bits} << 32;
    threshold = base + select_key<Access, true>(executor, lane,
                                                TokenKeys{lane.token_keys, lane.token_count, base},
                                                64, lane.max_active - 1);
  }
  executor.run(ActivateTokens<Access>{lane, threshold});
  executor.alone([&] {
    lane.cost_offset += lane.token_count == 0 ? kInfiniteCost : cost_of(lane.best_bits);
    lane.history_count += lane.token_count;
    lane.token_count = 0;
    lane.epsilon_count = 0;
    lane.epsilon_arc_total = 0;
    lane.candidate_count = 0;
  });
}

/// Puts the first token on the graph's start state, which costs nothing, and follows the epsilon
/// arcs that leave it.
template <typename Access, typename Executor, typename Arena>
constexpr void start_search(const Executor& executor, Lane& lane, Arena& arena) {
  executor.alone([&] {
    arena.reserve_candidates(lane, 1);
    arena.reserve_tokens(lane, 1);
    lane.history_root = 0;
    lane.candidate_count = 1;
    lane.candidates[0] = {candidate_key(0.0F, kNone), static_cast<std::uint32_t>(lane.graph.start),
                          kNone};
  });
  make_tokens<Access>(executor, lane, arena, lane.min_active > 1 ? kInfiniteCost : lane.beam);
}

/// Consumes the frame of acoustic_costs.
template <typename Access, typename Executor, typename Arena>
constexpr void advance_frame(const Executor& executor, Lane& lane, Arena& arena) {
  executor.run(CountArcs<Access>{lane});
  exclusive_scan(executor, lane, lane.arc_offsets, lane.active_count);
  executor.alone([&] {
    lane.arc_total = lane.arc_offsets[lane.active_count];
    lane.least_bits = kInfiniteBits;
    arena.reserve_candidates(lane, lane.arc_total);
  });
  executor.run(ExpandArcs<Access>{lane});
  float limit = cost_of(lane.least_bits) + lane.beam;
  executor.run(ListCandidates<Access>{lane, limit});
  executor.alone([&] {
    lane.listed_count = lane.candidate_count;
    arena.reserve_tokens(lane, lane.candidate_count);
  });
  if (lane.listed_count < lane.min_active) {
    limit = kInfiniteCost;
    if (lane.arc_total >= lane.min_active) {
      limit = cost_of(static_cast<std::uint32_t>(select_key<Access, false>(
          executor, lane, CandidateCostKeys{lane.candidate_costs, lane.arc_total}, 32,
          lane.min_active - 1)));
    }
    executor.alone([&] { lane.candidate_count = 0; });
    executor.run(ListCandidates<Access>{lane, limit});
    executor.alone([&] { arena.reserve_tokens(lane, lane.candidate_count); });
  }
  make_tokens<Access>(executor, lane, arena, limit);
}

}  // namespace harpy
