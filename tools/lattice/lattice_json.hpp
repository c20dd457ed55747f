#pragma once

#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "decoder/graph/symbol_table.hpp"
#include "decoder/lattice/compact_lattice.hpp"

namespace harpy::tools {

/// A lattice as JSON (docs/formats.md): "id", "arcs" (from, to, word, graph_cost, acoustic_cost,
/// labels) and "ends" (state, graph_cost, acoustic_cost, labels).
boost::json::object lattice_json(const std::string& id, const CompactLattice& lattice,
                                 const SymbolTable& words);

/// The lattice of such an object; words that are new are added to the table.
/// Errors: std::runtime_error saying what is wrong, such as a missing field or a cycle.
CompactLattice lattice_of_json(const boost::json::value& value, SymbolTable& words);

}  // namespace harpy::tools
