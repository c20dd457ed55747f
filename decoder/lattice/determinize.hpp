#pragma once

#include <cstddef>

#include "decoder/lattice/compact_lattice.hpp"
#include "decoder/lattice/lattice.hpp"

namespace harpy {

struct DeterminizationOptions {
  /// Word sequences whose cost exceeds the best one's by more than this are left out.
  double beam = 8.0;
  /// At most this many arcs, those on the best paths: the beam is in effect narrower where they do
  /// not do. A larger number takes more time and memory for utterances where all is unsure.
  std::size_t max_arcs = 200000;
};

/// The word sequences of a raw lattice, each once, with the cost and the labels of its best path.
///
/// Determinisation over pairs of costs and strings of labels, where a state stands for the places
/// in the raw lattice that the same words reach, each with what it costs and has for labels beyond
/// the others' common part; best first, so that it ends at the beam. Of paths of equal cost one
/// that depends on the lattice alone. Source: Povey et al. 2012, "Generating exact lattices in the
/// WFST framework", section 4.
CompactLattice determinize(const Lattice& lattice, const DeterminizationOptions& options = {});

}  // namespace harpy
