#include "decoder/lattice/lattice.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace harpy {

Lattice::Lattice(std::vector<LatticeState> states, std::vector<LatticeArc> arcs)
    : states_(std::move(states)), arcs_(std::move(arcs)), arc_begins_(states_.size() + 1, 0) {
  for (std::size_t i = 0; i < arcs_.size(); ++i) {
    const LatticeArc& arc = arcs_[i];
    if (arc.source >= arc.target || arc.target >= states_.size()) {
      throw std::invalid_argument("Lattice: arc " + std::to_string(i) + " leads from state " +
                                  std::to_string(arc.source) + " to " + std::to_string(arc.target) +
                                  " of " + std::to_string(states_.size()));
    }
    if (i > 0 && arcs_[i - 1].source > arc.source) {
      throw std::invalid_argument("Lattice: arc " + std::to_string(i) +
                                  " is out of the order of sources");
    }
    ++arc_begins_[arc.source + 1];
  }
  for (std::size_t state = 0; state < states_.size(); ++state) {
    arc_begins_[state + 1] += arc_begins_[state];
  }
}

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
