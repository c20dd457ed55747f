#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/lattice/compact_lattice.hpp"
#include "decoder/lattice/n_best.hpp"

namespace harpy {

/// The path of a lattice that is nearest to a reference.
struct OraclePath {
  LatticePath path;
  /// For each word of the path the number of the reference's word in its place; -1: it has none.
  std::vector<std::int32_t> counterparts;
  std::int64_t errors = 0;  ///< substitutions, deletions and insertions
};

/// Finds the path of fewest word errors against a reference; of several the one of least cost. A
/// lattice without paths has the empty path, of infinite cost. Words of the reference that the
/// lattice does not know may have any id that it does not use, such as -1. Cost: arcs x words of
/// the reference.
OraclePath oracle_path(const CompactLattice& lattice, std::span<const std::int32_t> reference);

}  // namespace harpy
