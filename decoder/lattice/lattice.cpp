#include "decoder/lattice/lattice.hpp"

#include <algorithm>
#include <utility>

#include "decoder/lattice/arc_order.hpp"

namespace harpy {

Lattice::Lattice(std::vector<LatticeState> states, std::vector<LatticeArc> arcs)
    : states_(std::move(states)),
      arcs_(std::move(arcs)),
      arc_begins_(checked_arc_begins(arcs_, states_.size(), "Lattice")) {}

std::vector<double> costs_to_end(const Lattice& lattice) {
  std::vector<double> costs(lattice.states().size());
  for (std::size_t state = costs.size(); state-- > 0;) {
    costs[state] = lattice.states()[state].final_cost;
    for (const LatticeArc& arc : lattice.arcs_from(static_cast<std::uint32_t>(state))) {
      costs[state] = std::min(costs[state], arc.cost() + costs[arc.target]);
    }
  }
  return costs;
}

}  // namespace harpy
