#pragma once

#include "decoder/search/cpu/lane_memory.hpp"
#include "decoder/search/lattice_store.hpp"
#include "decoder/search/program/lane.hpp"

// A lane's arrays are as large as its largest frame needs. So they belong to the lane, and a stream
// whose lattice is kept comes into them with the end of its lattice only: the window, which has the
// frames that the next pruning is expected to change. In the window tokens, links and frames are
// counted from its beginning, whose first frame stays as it is unless it is the lattice's.
//
// Where pruning would have gone on beyond the window, the next window is twice as long. Until then
// tokens before it have extra costs that are too small, so that too many are kept, but none is
// lost.

namespace harpy::token_passing {

/// Copies the window of a stream's lattice into the lane, whose active tokens are those of the
/// stream.
void enter_window(const LatticeStore& store, Lane& lane, LaneMemory& memory);

/// Copies what has changed since back into the stream's lattice, and chooses the next window. The
/// lane's active tokens are then those of the stream.
void leave_window(Lane& lane, LatticeStore& store);

}  // namespace harpy::token_passing
