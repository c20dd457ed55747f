#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "decoder/lattice/compact_lattice.hpp"
#include "decoder/lattice/lattice.hpp"

namespace harpy {

/// Sums of costs differ by their order; paths at the very beam must not be lost for that.
inline constexpr double kCostRounding = 1e-6;

inline double final_cost_of(const LatticeState& state) { return double{state.final_cost}; }
inline double final_cost_of(const CompactLatticeState& state) { return state.final_cost(); }

/// Least cost from the start to each state of a lattice of either kind; infinite where it does not
/// lead.
template <typename AnyLattice>
std::vector<double> least_costs_from_start(const AnyLattice& lattice) {
  std::vector<double> costs(lattice.states().size(), std::numeric_limits<double>::infinity());
  if (!costs.empty()) costs[0] = 0.0;
  for (const auto& arc : lattice.arcs()) {
    costs[arc.target] = std::min(costs[arc.target], costs[arc.source] + arc.cost());
  }
  return costs;
}

/// Least cost from each state to an end, its final cost included.
template <typename AnyLattice>
std::vector<double> least_costs_to_end(const AnyLattice& lattice) {
  std::vector<double> costs(lattice.states().size());
  for (std::size_t state = costs.size(); state-- > 0;) {
    costs[state] = final_cost_of(lattice.states()[state]);
    for (const auto& arc : lattice.arcs_from(static_cast<std::uint32_t>(state))) {
      costs[state] = std::min(costs[state], arc.cost() + costs[arc.target]);
    }
  }
  return costs;
}

}  // namespace harpy
