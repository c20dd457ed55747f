#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "decoder/graph/symbol_table.hpp"
#include "decoder/lattice/compact_lattice.hpp"

namespace harpy::tools {

/// An utterance's lattice.
struct NamedLattice {
  std::string id;
  CompactLattice lattice;
};

/// Lattices of a file with the words that they are made of.
struct LatticeFile {
  std::vector<NamedLattice> lattices;
  SymbolTable words;  ///< 0 is <eps>
};

/// Reads a whole file of lattices: an archive of text (decoder/lattice/lattice_text.hpp) or JSON
/// lines (lattice_json.hpp), plain or compressed by gzip; "-" is standard input. Raw lattices are
/// determinised. Errors: std::runtime_error naming file and line.
LatticeFile read_lattices(const std::filesystem::path& path);

}  // namespace harpy::tools
