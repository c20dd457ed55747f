#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/graph/arc.hpp"

namespace harpy {

/// A place in a lattice: a graph state after some frames.
struct LatticeState {
  std::int32_t frame = 0;  ///< frames consumed before it
  std::int32_t graph_state = 0;
  float final_cost = kInfiniteCost;  ///< kInfiniteCost where no path ends
};

/// A way from one place to another. Costs are negated natural logarithms.
struct LatticeArc {
  std::uint32_t source = 0;
  std::uint32_t target = 0;
  std::int32_t input = 0;   ///< label that consumed a frame, 0 for none
  std::int32_t output = 0;  ///< word id, 0 for none
  float graph_cost = 0.0F;
  float acoustic_cost = 0.0F;  ///< scaled as in the search; 0 where no frame was consumed

  double cost() const { return double{graph_cost} + double{acoustic_cost}; }
};

/// The paths of an utterance that came near the best one: an acyclic graph from state 0, immutable.
///
/// States are in topological order, by frame first; arcs are in the order of their sources.
class Lattice {
 public:
  /// A lattice without paths.
  Lattice() = default;

  /// Errors: std::invalid_argument if arcs are not sorted by source, do not lead from a lower to a
  /// higher state, or leave the states given.
  Lattice(std::vector<LatticeState> states, std::vector<LatticeArc> arcs);

  bool empty() const { return states_.empty(); }
  std::span<const LatticeState> states() const { return states_; }
  std::span<const LatticeArc> arcs() const { return arcs_; }
  /// Index of the first arc that leaves a state; of the state after the last one, their number.
  std::uint32_t arc_begin(std::uint32_t state) const { return arc_begins_[state]; }
  std::span<const LatticeArc> arcs_from(std::uint32_t state) const {
    return arcs().subspan(arc_begins_[state], arc_begins_[state + 1] - arc_begins_[state]);
  }

 private:
  std::vector<LatticeState> states_;
  std::vector<LatticeArc> arcs_;
  std::vector<std::uint32_t> arc_begins_;
};

/// Least cost from each state to an end, its final cost included; infinite where no end is reached.
std::vector<double> costs_to_end(const Lattice& lattice);

}  // namespace harpy
