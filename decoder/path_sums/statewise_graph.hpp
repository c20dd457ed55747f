#pragma once

#include <cstdint>
#include <vector>

#include "decoder/path_sums/scaled_number.hpp"

namespace harpy {

class SummationGraph;

/// A large graph without epsilon arcs of which every state is entered by arcs of one pdf only, as
/// the denominator of lattice-free MMI is. A score then belongs to a state and not to an arc, so
/// that an arc costs a multiplication and an addition. States are those of the SummationGraph.
struct StatewiseGraph {
  struct Arc {
    std::int32_t state;  ///< at the other end
    float weight;
  };
  struct Index {
    std::vector<std::uint32_t> begin;  ///< arcs of state s are arcs[begin[s] .. begin[s + 1])
    std::vector<Arc> arcs;
  };

  std::vector<std::int32_t> pdfs;    ///< of the arcs that enter each state; 0 if there is none
  std::vector<float> final_weights;  ///< of each state
  Index in, out;

  bool empty() const { return pdfs.empty(); }
  /// Makes it that form of `graph`, or empty if there is none: small graphs are summed faster as
  /// they are, and weights below 2^-60 need scaled numbers.
  void assign(const SummationGraph& graph);
};

}  // namespace harpy
