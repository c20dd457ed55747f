#pragma once

#include "decoder/graph/decoding_graph.hpp"
#include "decoder/graph/topology.hpp"

namespace harpy {

/// Expands a graph over labels (inputs 1 .. pdf_count, without blank) into frames, the topology's
/// way; `contexts` says which unit scores a label behind another one.
///
/// For every sequence of frames and every output the cost of the best path of the result is exactly
/// the least cost of `labels` for a sequence of labels that may sound like these frames. A state of
/// the result is a state of `labels` together with the pdf of the last frame and, if `contexts` has
/// pairs, its label; states are numbered
/// breadth first from the start. Outputs and costs of a label stand on the arc of its first frame.
///
/// CTC: epsilon arcs are taken in the frame of a label, before blanks, which loses no path. For
/// each state of `labels` and each label that reaches it the result has two states and two arcs
/// more, and two copies of the state's own arcs. Other topologies: a state behind an epsilon arc
/// has forgotten the last frame, but not its label if `contexts` has pairs. For each state and each
/// label that reaches it the result has as many states as a label has, each with a loop, and a copy
/// of the state's own arcs.
///
/// Errors: std::invalid_argument if the result has more than 2^31 states or 2^32 arcs.
/// Source: A. Graves et al., Connectionist temporal classification, ICML 2006; L. Rabiner, A
/// tutorial on hidden Markov models, Proc. IEEE 1989.
GraphRows expand_topology(const GraphView& labels, Topology topology,
                          const LabelContexts& contexts = {});

/// The same for graphs with listed inputs: a label's first frame has the input that
/// `frame_labels.label_inputs` lists for it behind the label before, the frames after it the input
/// of its loop. Behind a label that is not listed the entry for anywhere counts.
/// Errors: std::invalid_argument for a label without such an entry, or as above.
GraphRows expand_label_inputs(const GraphView& labels, const FrameLabels& frame_labels);

}  // namespace harpy
