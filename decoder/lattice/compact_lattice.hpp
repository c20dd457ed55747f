#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/graph/arc.hpp"

namespace harpy {

/// What a stretch of a path costs, in negated natural logarithms, and the labels that its frames
/// were given: places in CompactLattice::labels.
struct CompactWeight {
  double graph_cost = 0.0;
  double acoustic_cost = 0.0;  ///< scaled as in the search
  std::uint32_t labels_begin = 0;
  std::uint32_t labels_end = 0;  ///< one past the last

  double cost() const { return graph_cost + acoustic_cost; }
};

/// A place between words.
struct CompactLatticeState {
  std::int32_t frame = 0;  ///< frames that every path to it has labels for; set by CompactLattice
  CompactWeight final{.graph_cost = kInfiniteCost};  ///< infinite where no path ends

  double final_cost() const { return final.cost(); }
};

/// A word on its way from one place to another. Its labels are those that all paths behind it
/// share, so that they may begin and end some frames before the word's own.
struct CompactLatticeArc {
  std::uint32_t source = 0;
  std::uint32_t target = 0;
  std::int32_t word = 0;  ///< word id, 0 for none
  CompactWeight weight;

  double cost() const { return weight.cost(); }
};

/// The word sequences of an utterance that came near the best one: an acyclic graph from state 0
/// whose arcs are words, immutable (Kaldi's CompactLattice). States are in topological order, arcs
/// in the order of their sources.
class CompactLattice {
 public:
  /// A lattice without paths.
  CompactLattice() = default;

  /// Works out the states' frames. Errors: std::invalid_argument if arcs are not sorted by source,
  /// do not lead from a lower to a higher state, leave the states or labels given, or if two ways
  /// to a state have labels for different numbers of frames.
  CompactLattice(std::vector<CompactLatticeState> states, std::vector<CompactLatticeArc> arcs,
                 std::vector<std::int32_t> labels);

  bool empty() const { return states_.empty(); }
  std::span<const CompactLatticeState> states() const { return states_; }
  std::span<const CompactLatticeArc> arcs() const { return arcs_; }
  /// Index of the first arc that leaves a state; of the state after the last one, their number.
  std::uint32_t arc_begin(std::uint32_t state) const { return arc_begins_[state]; }
  std::span<const CompactLatticeArc> arcs_from(std::uint32_t state) const {
    return arcs().subspan(arc_begins_[state], arc_begins_[state + 1] - arc_begins_[state]);
  }

  /// The labels of all weights, each consumed a frame (as LatticeArc::input).
  std::span<const std::int32_t> labels() const { return labels_; }
  std::span<const std::int32_t> labels(const CompactWeight& weight) const {
    return labels().subspan(weight.labels_begin, weight.labels_end - weight.labels_begin);
  }

 private:
  void check_labels(const CompactWeight& weight) const;
  void find_frames();

  std::vector<CompactLatticeState> states_;
  std::vector<CompactLatticeArc> arcs_;
  std::vector<std::int32_t> labels_;
  std::vector<std::uint32_t> arc_begins_;
};

/// Least cost from each state to an end, its final cost included; infinite where no end is reached.
std::vector<double> costs_to_end(const CompactLattice& lattice);

/// Drops what is not on a path from the start whose cost exceeds the best path's by at most `beam`;
/// the states that stay keep their order. Errors: std::invalid_argument for a negative beam.
CompactLattice prune(const CompactLattice& lattice, double beam);

/// Factors on costs, such as 1 / acoustic_scale to undo the search's.
struct CostScales {
  double graph = 1.0;
  double acoustic = 1.0;
};

CompactLattice rescale(const CompactLattice& lattice, const CostScales& scales);

}  // namespace harpy
