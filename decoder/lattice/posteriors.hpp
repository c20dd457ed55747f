#pragma once

#include <vector>

#include "decoder/lattice/compact_lattice.hpp"

namespace harpy {

/// Probabilities of what paths of a lattice have, where a path's is proportional to
/// exp(-scale * cost).
struct LatticePosteriors {
  std::vector<double> arcs;          ///< that a path takes the arc
  std::vector<double> ends;          ///< that it ends at the state
  std::vector<double> log_to_state;  ///< log of the sum over the ways to each state
  double log_total = 0.0;            ///< log of the sum over all paths; -infinity without any
};

/// Forward-backward over a lattice in the log semiring, in double precision. A smaller scale makes
/// paths more alike; the acoustic scale of the search is in the costs already.
/// Errors: std::invalid_argument unless the scale is positive and finite.
LatticePosteriors lattice_posteriors(const CompactLattice& lattice, double scale);

}  // namespace harpy
