#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "decoder/lattice/compact_lattice.hpp"
#include "decoder/lattice/lattice.hpp"

namespace harpy {

/// A path through a lattice.
struct LatticePath {
  std::vector<std::uint32_t> arcs;  ///< indices, in order of time
  std::vector<std::int32_t> words;  ///< word ids
  double cost = 0.0;                ///< final cost included
};

/// The paths of least cost of the `count` best different word sequences, best first; fewer where
/// the lattice has fewer. Equal costs: the sequence found first, which depends on the lattice
/// alone.
///
/// A* over word sequences, each standing for all lattice states that its paths reach: the lattice
/// is determinised as far as the answer needs. Source: Soong and Huang 1991 (tree-trellis search),
/// Mohri and Riley 2002 (n-best of different strings). Cost: `count` times the lattice at worst.
std::vector<LatticePath> n_best(const Lattice& lattice, std::size_t count);
std::vector<LatticePath> n_best(const CompactLattice& lattice, std::size_t count);

/// The path of least cost; without arcs and of infinite cost if the lattice has none. Equal costs:
/// the lower arc at the first difference.
LatticePath best_path(const Lattice& lattice);
LatticePath best_path(const CompactLattice& lattice);

}  // namespace harpy
