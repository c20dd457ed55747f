#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/lattice/compact_lattice.hpp"

namespace harpy {

/// The word sequence of a lattice that is nearest to a reference.
struct OraclePath {
  std::vector<std::int32_t> words;
  std::int64_t errors = 0;  ///< substitutions, deletions and insertions
};

/// Finds the path of fewest word errors against a reference; of several the one of least cost. A
/// lattice without paths has the empty sequence. Words of the reference that the lattice does not
/// know may have any id that it does not use, such as -1.
/// Cost: arcs x words of the reference.
OraclePath oracle_path(const CompactLattice& lattice, std::span<const std::int32_t> reference);

}  // namespace harpy
