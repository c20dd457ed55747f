#include "decoder/lattice/lattice.hpp"

#include <algorithm>
#include <utility>

#include "decoder/lattice/arc_order.hpp"
#include "decoder/lattice/path_costs.hpp"

namespace harpy {

Lattice::Lattice(std::vector<LatticeState> states, std::vector<LatticeArc> arcs)
    : states_(std::move(states)),
      arcs_(std::move(arcs)),
      arc_begins_(checked_arc_begins(arcs_, states_.size(), "Lattice")) {}

std::vector<double> costs_to_end(const Lattice& lattice) { return least_costs_to_end(lattice); }

}  // namespace harpy
