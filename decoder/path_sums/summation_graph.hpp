#pragma once

#include <cstdint>
#include <vector>

#include "decoder/graph/arc.hpp"
#include "decoder/path_sums/scaled_number.hpp"
#include "decoder/path_sums/statewise_graph.hpp"

namespace harpy {

/// A graph prepared for sums over its paths: arcs indexed by the state they leave and by the state
/// they enter, costs as probabilities, states renumbered so that epsilon arcs lead to higher
/// numbers. Its storage is reused by assign. Threads: const access from any thread.
class SummationGraph {
 public:
  /// An arc as seen from one of its states.
  struct Arc {
    std::int32_t state = 0;  ///< at the other end
    std::int32_t input = 0;  ///< 0 is epsilon, p > 0 is pdf p - 1
    forward_backward::ScaledFloat weight{0.0F, forward_backward::kZeroExponent};  ///< exp(-cost)
  };

  /// The arcs of state s are arcs[begin[s] .. begin[s + 1]), the emitting ones up to epsilon[s].
  struct Index {
    std::vector<std::uint32_t> begin, epsilon;
    std::vector<Arc> arcs;
  };

  SummationGraph() = default;
  explicit SummationGraph(const GraphView& graph) { assign(graph); }

  /// Replaces the contents; `graph` is valid as DecodingGraph makes it, and is not kept.
  void assign(const GraphView& graph);

  std::int32_t state_count() const { return static_cast<std::int32_t>(final_weights_.size()); }
  std::int32_t pdf_count() const { return pdf_count_; }
  std::int32_t start() const { return start_; }
  std::int64_t arc_count() const { return static_cast<std::int64_t>(out_.arcs.size()); }
  const Index& in() const { return in_; }
  const Index& out() const { return out_; }
  const std::vector<forward_backward::ScaledFloat>& final_weights() const { return final_weights_; }
  /// The same graph with scores that belong to states; empty if it has no such form.
  const StatewiseGraph& statewise() const { return statewise_; }
  /// First state of each epsilon level, and the number of all states: [levels + 1].
  const std::vector<std::int32_t>& level_begin() const { return level_begin_; }

 private:
  void number_states(const GraphView& graph);
  void index_out_arcs(const GraphView& graph);
  void index_in_arcs();

  std::int32_t start_ = 0;
  std::int32_t pdf_count_ = 0;
  Index in_, out_;
  std::vector<forward_backward::ScaledFloat> final_weights_;
  std::vector<std::int32_t> level_begin_;
  StatewiseGraph statewise_;
  std::vector<std::int32_t> state_of_number_, number_of_state_;
  std::vector<std::uint32_t> next_emitting_, next_epsilon_;
};

}  // namespace harpy
