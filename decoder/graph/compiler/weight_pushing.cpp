#include "decoder/graph/compiler/weight_pushing.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

namespace harpy {

namespace {

/// Costs from the states within words to the next word boundary.
class Potentials {
 public:
  Potentials(const GraphDescription& graph, const std::vector<bool>& at_word_boundary)
      : graph_(graph), begin_(graph.final_costs.size() + 1), values_(graph.final_costs.size()) {
    for (const SourcedArc& arc : graph.arcs) ++begin_[static_cast<std::size_t>(arc.source) + 1];
    for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
    progress_.assign(values_.size(), Progress::kNew);
    for (std::size_t state = 0; state < values_.size(); ++state) {
      if (at_word_boundary[state]) progress_[state] = Progress::kDone;
    }
    for (std::size_t state = 0; state < values_.size(); ++state) finish(state);
  }

  double operator()(std::int32_t state) const { return values_[static_cast<std::size_t>(state)]; }

 private:
  enum class Progress : std::uint8_t { kNew, kOpen, kDone };

  std::span<const SourcedArc> arcs(std::size_t state) const {
    return std::span(graph_.arcs).subspan(begin_[state], begin_[state + 1] - begin_[state]);
  }

  /// Computes a state's value after those that it depends on, depth first.
  void finish(std::size_t first) {
    std::vector<std::size_t> open{first};
    while (!open.empty()) {
      const std::size_t state = open.back();
      if (progress_[state] == Progress::kNew) {
        progress_[state] = Progress::kOpen;
        for (const SourcedArc& arc : arcs(state)) {
          const auto target = static_cast<std::size_t>(arc.arc.target);
          if (target != state && progress_[target] == Progress::kOpen) {
            throw std::invalid_argument("state " + std::to_string(target) +
                                        ": a cycle without a word boundary");
          }
          if (progress_[target] == Progress::kNew) open.push_back(target);
        }
        continue;
      }
      open.pop_back();
      if (progress_[state] == Progress::kDone) continue;
      if (graph_.final_costs[state] != kInfiniteCost) {
        throw std::invalid_argument("state " + std::to_string(state) + ": final within a word");
      }
      values_[state] = sum_arcs(state);
      progress_[state] = Progress::kDone;
    }
  }

  static bool is_loop(const SourcedArc& arc) { return arc.source == arc.arc.target; }

  double sum_arcs(std::size_t state) const {
    double least = kInfiniteCost;
    for (const SourcedArc& arc : arcs(state)) {
      if (!is_loop(arc)) least = std::min(least, cost_through(arc));
    }
    if (least == kInfiniteCost) return 0.0;  // nothing leads on: nothing to spread
    double sum = 0.0;
    double rest = 1.0;  // what the loops leave
    for (const SourcedArc& arc : arcs(state)) {
      if (is_loop(arc)) {
        rest -= std::exp(-static_cast<double>(arc.arc.cost));
      } else {
        sum += std::exp(least - cost_through(arc));
      }
    }
    return least - std::log(rest > 0.0 ? sum / rest : sum);
  }

  double cost_through(const SourcedArc& arc) const {
    return arc.arc.cost + values_[static_cast<std::size_t>(arc.arc.target)];
  }

  const GraphDescription& graph_;
  std::vector<std::size_t> begin_;  ///< first arc of each state
  std::vector<double> values_;
  std::vector<Progress> progress_;
};

}  // namespace

void push_word_costs(GraphDescription& graph, const std::vector<bool>& at_word_boundary) {
  const auto by_source = [](const SourcedArc& a, const SourcedArc& b) {
    return a.source < b.source;
  };
  if (!std::is_sorted(graph.arcs.begin(), graph.arcs.end(), by_source)) {
    std::stable_sort(graph.arcs.begin(), graph.arcs.end(), by_source);
  }
  const Potentials potential(graph, at_word_boundary);
  for (SourcedArc& arc : graph.arcs) {
    arc.arc.cost =
        static_cast<float>(arc.arc.cost + potential(arc.arc.target) - potential(arc.source));
  }
}

}  // namespace harpy
