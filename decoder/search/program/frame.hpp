#pragma once

#include <cstdint>
#include <limits>
#include <utility>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/program/arena.hpp"
#include "decoder/search/program/collective.hpp"
#include "decoder/search/program/cost.hpp"
#include "decoder/search/program/epsilon.hpp"
#include "decoder/search/program/expand.hpp"
#include "decoder/search/program/lane.hpp"
#include "decoder/search/program/lattice_links.hpp"
#include "decoder/search/program/recombine.hpp"
#include "decoder/search/program/select.hpp"
#include "decoder/search/program/tokens.hpp"

namespace harpy::token_passing {

/// The limit, made finite: what is not finite is never within it.
constexpr float finite_limit(float limit) {
  return limit < kInfiniteCost ? limit : std::numeric_limits<float>::max();
}

/// Bins for the selection of costs that are mostly within a few beams of the least.
constexpr CostBins bins_above(const Lane& lane, float least) {
  return {least, static_cast<float>(kBinCount) / 4.0F / lane.beam};
}

/// Finds the limit, which is the larger of the least candidate + beam and the min_active-th least
/// candidate, both without phrases, and returns it. Keeps the positions of all candidates that are
/// within it, or that phrases may bring within it, and perhaps of some above.
template <typename Access, PhaseExecutor Executor, SearchArena Arena>
constexpr float keep_candidates(const Executor& executor, Lane& lane, Arena& arena) {
  const float reach = lane.reach_of_phrases(lane.beam);  // 0 where nothing is steered
  const float least = cost_of(lane.least_bits);
  const float beam_limit = finite_limit(least + lane.beam);
  executor.run(CountWithin<Access>{lane, beam_limit});
  const bool is_beam_enough = lane.within_count >= lane.min_active;
  if (is_beam_enough || lane.arc_total < lane.min_active) {
    const float limit = is_beam_enough ? beam_limit : finite_limit(kInfiniteCost);
    executor.run(KeepPositions<Access>{lane, finite_limit(limit + reach)});
    return limit;
  }
  const CostBins bins = bins_above(lane, least);
  find_bin<Access>(executor, lane, PositionCostKeys{lane.position_costs, lane.arc_total}, bins,
                   lane.min_active - 1);
  executor.run(
      KeepPositions<Access>{lane, finite_limit(bins.highest_cost(lane.selected_bin) + reach)});
  const std::uint64_t bits = select_key<Access>(
      executor, lane, arena,
      KeptCostKeys{lane.kept_positions, lane.position_costs, lane.kept_count}, bins);
  return finite_limit(cost_of(static_cast<std::uint32_t>(bits)));
}

/// Finds where the best max_active tokens end, which are fewer than all.
template <typename Access, bool kSteered, PhaseExecutor Executor, SearchArena Arena>
constexpr TokenThreshold find_threshold(const Executor& executor, Lane& lane, Arena& arena) {
  const TokenKeys keys{lane.token_keys, lane.token_count};
  const CostBins bins = bins_above(lane, cost_of(lane.best_bits));
  find_bin<Access>(executor, lane, keys, bins, lane.max_active - 1);
  TokenThreshold threshold{.key = select_key<Access>(executor, lane, arena, keys, bins)};
  if constexpr (kSteered) {
    executor.alone([&] {
      lane.within_count = 0;
      lane.kept_count = 0;
    });
    executor.run(CountTokensTo<Access>{lane, threshold.key});
    if (lane.kept_count > lane.max_active) {
      const TiedContexts tied{lane, threshold.key, lane.token_count};
      const CostBins one_bin{};
      find_bin<Access>(executor, lane, tied, one_bin, lane.max_active - 1 - lane.within_count);
      threshold.context =
          static_cast<std::uint32_t>(select_key<Access>(executor, lane, arena, tied, one_bin));
    }
  }
  return threshold;
}

/// Recombines the listed candidates, and those by the epsilon arcs behind them, into tokens. Puts
/// the tokens into the history and makes the best max_active of them the active ones. The limit is
/// finite.
template <typename Access, bool kSteered, PhaseExecutor Executor, SearchArena Arena>
constexpr void make_tokens(const Executor& executor, Lane& lane, Arena& arena, float limit) {
  std::uint32_t candidate_count = lane.candidate_count;
  executor.run(RecombineCandidates<Access, kSteered>{lane, 0, candidate_count});
  std::uint32_t token_count = 0;
  const auto last_level = static_cast<std::uint32_t>(lane.graph.epsilon_level_count - 1);
  for (std::uint32_t level = 0; level < last_level; ++level) {
    const std::uint32_t seen_tokens = std::exchange(token_count, lane.token_count);
    executor.run(ListEpsilonTokens<Access, kSteered>{lane, seen_tokens, token_count});
    executor.alone([&] {
      lane.segment_ends[level] = lane.candidate_count;
      arena.reserve_epsilon(lane);
    });
    executor.run(ListEpsilonCandidates<Access, kSteered>{lane, level, limit});
    const std::uint32_t seen_candidates = std::exchange(candidate_count, lane.candidate_count);
    executor.run(RecombineCandidates<Access, kSteered>{lane, seen_candidates, candidate_count});
  }
  if constexpr (Access::kConcurrent) {
    if constexpr (kSteered) executor.run(ForgetWinners{lane});
    executor.run(MarkWinners<Access, kSteered>{lane});
  }

  executor.alone([&] {
    lane.segment_ends[last_level] = lane.candidate_count;
    lane.best_bits = kInfiniteBits;
    lane.active_count = 0;
    arena.reserve_frontier(lane);
  });
  if (lane.keep_lattice) add_lattice_frame<Access>(executor, lane, arena);
  executor.run(CollectTokens<Access, kSteered>{lane});
  TokenThreshold threshold;
  if (lane.token_count > lane.max_active) {
    threshold = find_threshold<Access, kSteered>(executor, lane, arena);
  }
  executor.run(ActivateTokens<Access, kSteered>{lane, threshold});
  executor.alone([&] {
    lane.cost_offset += lane.token_count == 0 ? kInfiniteCost : cost_of(lane.best_bits);
    lane.history_count += lane.token_count;
    lane.token_count = 0;
    lane.epsilon_count = 0;
    lane.epsilon_arc_total = 0;
  });
}

/// Puts the first token on the graph's start state, which costs nothing, and follows the epsilon
/// arcs that leave it.
template <typename Access, bool kSteered, PhaseExecutor Executor, SearchArena Arena>
constexpr void start_search(const Executor& executor, Lane& lane, Arena& arena) {
  executor.alone([&] {
    arena.reserve_candidates(lane, 1);
    lane.history_root = 0;
    lane.candidate_count = 1;
    lane.candidates[0] = {candidate_key(0.0F, kNone), static_cast<std::uint32_t>(lane.graph.start),
                          kNone};
    if constexpr (kSteered) lane.candidate_contexts[0] = {};
  });
  make_tokens<Access, kSteered>(executor, lane, arena,
                                finite_limit(lane.min_active > 1 ? kInfiniteCost : lane.beam));
}

/// Finds the costs of all candidates by emitting arcs. Where `kAdded`, arcs of added words may be
/// among them.
template <typename Access, bool kAdded, PhaseExecutor Executor, SearchArena Arena>
constexpr void expand_tokens(const Executor& executor, Lane& lane, Arena& arena) {
  executor.run(CountArcs<Access, kAdded>{lane});
  exclusive_scan(executor, lane, lane.arc_offsets, lane.active_count);
  executor.alone([&] {
    lane.arc_total = lane.arc_offsets[lane.active_count];
    lane.least_bits = kInfiniteBits;
    lane.within_count = 0;
    lane.kept_count = 0;
    arena.reserve_positions(lane);
  });
  executor.run(PlaceTokens{lane});
  executor.run(ExpandArcs<Access, kAdded>{lane});
}

/// Consumes the frame whose costs lane.acoustic_costs points to.
template <typename Access, bool kSteered, PhaseExecutor Executor, SearchArena Arena>
constexpr void advance_frame(const Executor& executor, Lane& lane, Arena& arena) {
  if (kSteered && lane.has_added_words()) {
    expand_tokens<Access, kSteered>(executor, lane, arena);
  } else {
    expand_tokens<Access, false>(executor, lane, arena);
  }
  const float limit = keep_candidates<Access>(executor, lane, arena);
  executor.alone([&] {
    arena.reserve_candidates(lane, lane.kept_count);
    lane.candidate_count = 0;
  });
  executor.run(ListCandidates<Access, kSteered>{lane, limit});
  make_tokens<Access, kSteered>(executor, lane, arena, limit);
}

}  // namespace harpy::token_passing
