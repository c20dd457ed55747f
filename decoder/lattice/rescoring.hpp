#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "decoder/graph/symbol_table.hpp"
#include "decoder/language_model/mapped_ngram.hpp"
#include "decoder/lattice/compact_lattice.hpp"

namespace harpy {

/// How long and how large a rescored lattice may become.
struct RescoringLimits {
  /// When rescoring gives up.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  /// The lattice is first pruned to this beam, a half of it, a quarter and so on if it would have
  /// more arcs than max_arcs otherwise.
  double beam = 8.0;
  std::size_t max_arcs = 200000;
};

/// Puts a larger n-gram model in the place of the one that a lattice's graph was made of: the
/// second pass of two-pass recognition. Source: Ljolje, Pereira and Riley 1999, "Efficient general
/// lattice generation and rescoring"; Kaldi's lattice-lmrescore.
///
/// A path's graph cost becomes
///   graph cost + scale * (cost in the larger model - cost in the graph's model),
/// ends of sentences included, so that pronunciations, silences and boosts stay as they are. Words
/// that one of the models lacks or gives no probability keep what they cost. Threads: const access
/// from any thread.
class LatticeRescorer {
 public:
  using Model = std::shared_ptr<const MappedNgramModel>;

  struct Models {
    Model graph;   ///< the one that the graph was made of
    Model larger;  ///< the one that takes its place
  };

  /// `words` are the names of the lattices' word ids; what is added to them later is lacking in
  /// both models. Errors: std::invalid_argument for a scale that is negative or not finite, or if
  /// none of the words is in both models.
  LatticeRescorer(Models models, const SymbolTable& words, double scale = 1.0);

  /// Expands the lattice until the words before a state are the same for both models, whichever way
  /// leads there; exact: every path is there with its new cost. States have the order of those that
  /// they come from. Nothing if the deadline passes, or if even a narrow beam leaves too many arcs.
  std::optional<CompactLattice> rescore(const CompactLattice& lattice,
                                        const RescoringLimits& limits = {}) const;

 private:
  class Expansion;

  /// A word's number in a model.
  struct ModelWord {
    WordId graph = kNoWord;
    WordId larger = kNoWord;

    bool is_in_both() const { return graph != kNoWord && larger != kNoWord; }
  };

  ModelWord word_of(std::int32_t word) const;
  /// What is added to a path's cost for a word or an end that costs so much in the two models.
  double difference(double larger_cost, double graph_cost) const;

  Models models_;
  double scale_;
  std::vector<ModelWord> words_;  ///< by the lattice's word ids
};

}  // namespace harpy
