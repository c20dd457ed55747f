#pragma once

#include <string>

#include "decoder/graph/symbol_table.hpp"
#include "decoder/lattice/compact_lattice.hpp"

namespace harpy::tools {

/// A lattice in Graphviz's language, from left to right: states with their frames, arcs with word
/// and cost, the best path in bold.
std::string lattice_dot(const std::string& id, const CompactLattice& lattice,
                        const SymbolTable& words);

/// The picture that Graphviz's `dot` makes of such a text, as SVG.
/// Errors: std::runtime_error if `dot` is not installed or fails.
std::string svg_of_dot(const std::string& dot);

}  // namespace harpy::tools
