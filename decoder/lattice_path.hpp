#pragma once

#include <vector>

#include "decoder/lattice/compact_lattice.hpp"
#include "decoder/lattice/n_best.hpp"
#include "decoder/search/beam_search.hpp"

namespace harpy {

/// The steps of a path through a compact lattice, as the search gives those of its best path: each
/// label in its frame, each word with the last frame of its arc. word_times finds the words' times.
std::vector<PathStep> path_steps(const CompactLattice& lattice, const LatticePath& path);

}  // namespace harpy
