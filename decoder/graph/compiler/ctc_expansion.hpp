#pragma once

#include "decoder/graph/decoding_graph.hpp"

namespace harpy {

/// Expands a graph over labels (inputs 1 .. pdf_count, without blank) into frames, the CTC way: a
/// label lasts one frame or more, blank any number of frames between labels and at both ends, at
/// least one between equal labels.
///
/// A state of the result is a state of `graph` together with the label of the last frame, so that
/// for every sequence of frames and every output the cost of the best path is exactly that of the
/// labels left after dropping repetitions and blanks; pdf 0 (input 1) is blank, pdf p label p.
/// States are numbered breadth first from the start. Epsilon arcs are taken in the frame of a
/// label, before blanks, which loses no path.
/// Cost: two states and two arcs a state and label that reaches it, two copies of its own arcs.
/// Errors: std::invalid_argument if the result has more than 2^31 states or 2^32 arcs.
/// Source: A. Graves et al., Connectionist temporal classification, ICML 2006.
GraphRows expand_ctc(const GraphView& graph);

}  // namespace harpy
