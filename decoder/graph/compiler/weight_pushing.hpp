#pragma once

#include <vector>

#include "decoder/graph/decoding_graph.hpp"

namespace harpy {

/// Spreads the costs of words over the phones that lead to them, so that a beam search sees early
/// what it will have to pay: with V(s) = 0 where `at_word_boundary`, else
///   V(s) = -log sum over arcs (s -> t) of exp(-(cost + V(t))),
/// a cost becomes cost + V(t) - V(s). Costs of paths between word boundaries stay what they were,
/// up to the rounding of single-precision costs. Loops at a state count as often as they can be
/// taken: the sum over the other arcs is divided by 1 - sum over loops of exp(-cost), where that is
/// above 0.
/// Errors: std::invalid_argument if there is a cycle of several states without a word boundary, or
/// a final state that is none. Source: M. Mohri, M. Riley, A weight pushing algorithm for large
/// vocabulary speech recognition, Eurospeech 2001.
void push_word_costs(GraphDescription& graph, const std::vector<bool>& at_word_boundary);

}  // namespace harpy
