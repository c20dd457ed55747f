#include "decoder/path_sums/summation_graph.hpp"

#include <cstddef>

namespace harpy {

void SummationGraph::assign(const GraphView& graph) {
  pdf_count_ = graph.pdf_count;
  number_states(graph);
  start_ = graph.state_count > 0 ? number_of_state_[static_cast<std::size_t>(graph.start)] : 0;
  final_weights_.resize(static_cast<std::size_t>(graph.state_count));
  for (std::size_t s = 0; s < final_weights_.size(); ++s) {
    final_weights_[s] = forward_backward::exp_scaled(-graph.final_cost[state_of_number_[s]]);
  }
  index_out_arcs(graph);
  index_in_arcs();
  statewise_.assign(*this);
}

// Sorts by (epsilon level, state).
void SummationGraph::number_states(const GraphView& graph) {
  const auto state_count = static_cast<std::size_t>(graph.state_count);
  state_of_number_.resize(state_count);
  number_of_state_.resize(state_count);
  level_begin_.clear();
  std::size_t number = 0;
  for (std::int32_t level = 0; level < graph.epsilon_level_count; ++level) {
    level_begin_.push_back(static_cast<std::int32_t>(number));
    for (std::size_t state = 0; state < state_count; ++state) {
      if (graph.epsilon_level[state] != level) continue;
      state_of_number_[number] = static_cast<std::int32_t>(state);
      number_of_state_[state] = static_cast<std::int32_t>(number);
      ++number;
    }
  }
  level_begin_.push_back(static_cast<std::int32_t>(number));
}

void SummationGraph::index_out_arcs(const GraphView& graph) {
  const auto state_count = static_cast<std::size_t>(graph.state_count);
  out_.begin.resize(state_count + 1);
  out_.epsilon.resize(state_count);
  out_.arcs.clear();
  for (std::size_t s = 0; s < state_count; ++s) {
    const auto state = static_cast<std::size_t>(state_of_number_[s]);
    const std::uint32_t begin = graph.arc_begin[state];
    out_.begin[s] = static_cast<std::uint32_t>(out_.arcs.size());
    out_.epsilon[s] = out_.begin[s] + (graph.epsilon_begin[state] - begin);
    for (std::uint32_t a = begin; a < graph.arc_begin[state + 1]; ++a) {
      const harpy::Arc& arc = graph.arcs[a];
      out_.arcs.push_back({number_of_state_[static_cast<std::size_t>(arc.target)], arc.input,
                           forward_backward::exp_scaled(-arc.cost)});
    }
  }
  out_.begin[state_count] = static_cast<std::uint32_t>(out_.arcs.size());
}

// Counting sort of the arcs by (target, epsilon), otherwise in the order of out_.
void SummationGraph::index_in_arcs() {
  const std::size_t state_count = final_weights_.size();
  next_emitting_.assign(state_count, 0);
  next_epsilon_.assign(state_count, 0);
  for (const Arc& arc : out_.arcs) {
    ++(arc.input > 0 ? next_emitting_ : next_epsilon_)[static_cast<std::size_t>(arc.state)];
  }
  in_.begin.resize(state_count + 1);
  in_.epsilon.resize(state_count);
  std::uint32_t begin = 0;
  for (std::size_t s = 0; s < state_count; ++s) {
    in_.begin[s] = begin;
    in_.epsilon[s] = begin + next_emitting_[s];
    begin = in_.epsilon[s] + next_epsilon_[s];
    next_emitting_[s] = in_.begin[s];
    next_epsilon_[s] = in_.epsilon[s];
  }
  in_.begin[state_count] = begin;
  in_.arcs.resize(out_.arcs.size());
  for (std::size_t s = 0; s < state_count; ++s) {
    for (std::uint32_t a = out_.begin[s]; a < out_.begin[s + 1]; ++a) {
      const Arc& arc = out_.arcs[a];
      auto& next =
          (arc.input > 0 ? next_emitting_ : next_epsilon_)[static_cast<std::size_t>(arc.state)];
      in_.arcs[next++] = {static_cast<std::int32_t>(s), arc.input, arc.weight};
    }
  }
}

}  // namespace harpy
