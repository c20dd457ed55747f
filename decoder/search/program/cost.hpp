#pragma once

#include <bit>
#include <cstdint>

#include "decoder/graph/arc.hpp"

namespace harpy::token_passing {

/// Bits of a cost whose order as unsigned integers is the order of the costs (-0 before +0), so
/// that cheap integer minima do for floats.
constexpr std::uint32_t ordered_bits(float cost) {
  const auto bits = std::bit_cast<std::uint32_t>(cost);
  return (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
}

/// The cost that ordered_bits made these bits of.
constexpr float cost_of(std::uint32_t ordered) {
  return std::bit_cast<float>((ordered >> 31) != 0 ? ordered & 0x7FFFFFFFU : ~ordered);
}

inline constexpr std::uint32_t kInfiniteBits = ordered_bits(kInfiniteCost);

/// Candidates for one search state compare by cost, then by the index of the arc taken: two
/// candidates for one state never have equal keys, so the least does not depend on any order of
/// work.
constexpr std::uint64_t candidate_key(float cost, std::uint32_t arc_index) {
  return (std::uint64_t{ordered_bits(cost)} << 32) | arc_index;
}
constexpr float key_cost(std::uint64_t key) {
  return cost_of(static_cast<std::uint32_t>(key >> 32));
}
constexpr std::uint32_t key_arc(std::uint64_t key) { return static_cast<std::uint32_t>(key); }

/// Key of no path.
inline constexpr std::uint64_t kNoPathEnd = ~std::uint64_t{0};

/// Key of a live token as the end of a path: paths compare by cost, then by the graph state where
/// they end, and the least key is the best path's. Of equal ones that in the lower context wins. A
/// token whose cost is not below infinity ends no path.
constexpr std::uint64_t path_end_key(float cost, std::uint32_t state) {
  return cost < kInfiniteCost ? (std::uint64_t{ordered_bits(cost)} << 32) | state : kNoPathEnd;
}

/// Cost of a candidate by an emitting arc: two additions in this order on every device.
constexpr float emitting_candidate(float token_cost, float arc_cost, float acoustic_cost) {
  return (token_cost + arc_cost) + acoustic_cost;
}

/// Cost of a log-likelihood; infinite (the arc is impossible) if the log-likelihood is not finite.
constexpr float acoustic_cost(float log_likelihood, float scale) {
  const float cost = -(scale * log_likelihood);
  return cost < kInfiniteCost && cost > -kInfiniteCost ? cost : kInfiniteCost;
}

}  // namespace harpy::token_passing
