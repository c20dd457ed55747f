#pragma once

#include "decoder/lattice/lattice.hpp"
#include "decoder/search/search_stream.hpp"

namespace harpy::token_passing {

/// The lattice of a stream that keeps one, see BeamSearch::lattice.
Lattice make_lattice(const RestingStream& stream, float lattice_beam);

}  // namespace harpy::token_passing
