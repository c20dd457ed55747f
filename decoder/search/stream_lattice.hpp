#pragma once

#include "decoder/lattice/lattice.hpp"
#include "decoder/search/search_stream.hpp"

namespace harpy {

/// The lattice of a stream that keeps one: all paths within `lattice_beam` of the best, which ends
/// in a final state if any live token's state is final. Empty where there is no path.
Lattice make_lattice(const RestingStream& stream, float lattice_beam);

}  // namespace harpy
