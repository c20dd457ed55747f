#include "decoder/lattice/posteriors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace harpy {

namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

double log_sum(double first, double second) {
  const double larger = std::max(first, second);
  if (larger == kMinusInfinity) return larger;
  return larger + std::log1p(std::exp(std::min(first, second) - larger));
}

}  // namespace

LatticePosteriors lattice_posteriors(const CompactLattice& lattice, double scale) {
  if (!(scale > 0.0 && std::isfinite(scale))) {
    throw std::invalid_argument("lattice_posteriors: expected a scale above 0, got " +
                                std::to_string(scale));
  }
  const auto states = lattice.states();
  const auto arcs = lattice.arcs();
  LatticePosteriors result{.arcs = std::vector<double>(arcs.size()),
                           .ends = std::vector<double>(states.size()),
                           .log_to_state = std::vector<double>(states.size(), kMinusInfinity),
                           .log_total = kMinusInfinity};
  if (states.empty()) return result;
  std::vector<double>& to_state = result.log_to_state;
  to_state[0] = 0.0;
  for (const CompactLatticeArc& arc : arcs) {
    to_state[arc.target] = log_sum(to_state[arc.target], to_state[arc.source] - scale * arc.cost());
  }
  std::vector<double> to_end(states.size());
  for (std::size_t state = states.size(); state-- > 0;) {
    to_end[state] = -scale * states[state].final_cost();
    for (const CompactLatticeArc& arc : lattice.arcs_from(static_cast<std::uint32_t>(state))) {
      to_end[state] = log_sum(to_end[state], to_end[arc.target] - scale * arc.cost());
    }
  }
  result.log_total = to_end[0];
  if (result.log_total == kMinusInfinity) return result;
  for (std::size_t i = 0; i < arcs.size(); ++i) {
    result.arcs[i] = std::exp(to_state[arcs[i].source] - scale * arcs[i].cost() +
                              to_end[arcs[i].target] - result.log_total);
  }
  for (std::size_t state = 0; state < states.size(); ++state) {
    result.ends[state] =
        std::exp(to_state[state] - scale * states[state].final_cost() - result.log_total);
  }
  return result;
}

}  // namespace harpy
