#pragma once

#include <optional>
#include <string>

#include "decoder/graph/symbol_table.hpp"
#include "decoder/lattice/compact_lattice.hpp"
#include "decoder/lattice/lattice.hpp"
#include "models/files/text_lines.hpp"

namespace harpy {

// Archives of lattices as Kaldi and OpenFst write them: a line with the utterance's id, a line for
// each arc and each end, a blank line. Words stand there by name, labels by number.

/// Lines "FROM TO WORD GRAPH,ACOUSTIC,LABEL_LABEL_..." and "STATE GRAPH,ACOUSTIC,LABEL_...".
/// Ids must have no white space; there a "_" is written.
std::string lattice_text(const std::string& id, const CompactLattice& lattice,
                         const SymbolTable& words);

/// Lines "FROM TO LABEL WORD GRAPH,ACOUSTIC" and "STATE COST,0".
std::string lattice_text(const std::string& id, const Lattice& lattice, const SymbolTable& words);

/// An utterance of an archive.
struct ArchivedLattice {
  std::string id;
  CompactLattice lattice;
  std::optional<Lattice>
      raw;  ///< what a raw archive has, of which `lattice` is the determinised form
};

/// Reads an archive of lattices of either kind, plain or compressed by gzip, utterance by
/// utterance. Words get numbers as they come, from 1; <eps> is 0. States may have any order.
class LatticeArchive {
 public:
  /// Begins with the line that was read last, if any was.
  explicit LatticeArchive(TextLines lines);

  /// The next utterance; nothing at the end of the file.
  /// Errors: std::runtime_error naming file and line for what is no lattice: a line of other form,
  /// a number that is none, a lattice that is cut off, has a cycle, no end, or ways to a state with
  /// labels for different numbers of frames.
  std::optional<ArchivedLattice> next();

  /// All words met so far.
  const SymbolTable& words() const { return words_; }

 private:
  class Draft;

  TextLines lines_;
  SymbolTable words_;
};

}  // namespace harpy
