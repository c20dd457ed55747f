#pragma once

#include <cstdint>
#include <vector>

#include "decoder/lattice/compact_lattice.hpp"

namespace harpy {

/// A compact lattice of states and arcs in any order, whose first state is the start. Of the states
/// only those stay that are on a path from the start to an end; they are put into an order in which
/// arcs lead forward, by frame where there is a choice, and arcs behind their sources by word.
///
/// Errors: std::invalid_argument naming a state that is on a cycle, by its place before the sort;
/// those of CompactLattice.
CompactLattice make_sorted(const std::vector<CompactLatticeState>& states,
                           const std::vector<CompactLatticeArc>& arcs,
                           const std::vector<std::int32_t>& labels);

/// Where paths end.
struct CompactLatticeEnd {
  std::uint32_t state = 0;
  CompactWeight weight;
};

/// The same of what a file says: its states are the numbers that arcs and ends name.
/// Errors: also std::invalid_argument for a number that is beyond what so many arcs and ends can
/// name; without that, a wrong one would cost memory beyond the size of the file.
CompactLattice make_sorted(const std::vector<CompactLatticeEnd>& ends,
                           const std::vector<CompactLatticeArc>& arcs,
                           const std::vector<std::int32_t>& labels);

}  // namespace harpy
