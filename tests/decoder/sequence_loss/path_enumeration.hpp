#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "decoder/graph/arc.hpp"

namespace harpy::testing {

/// An arc of a TestGraph and the state it leaves.
struct TestArc {
  std::int32_t source = 0;
  Arc arc;
};

/// A graph in CSR form made from arcs in any order. Epsilon arcs lead to higher states.
class TestGraph {
 public:
  TestGraph(std::span<const TestArc> arcs, std::vector<float> final_cost, std::int32_t pdf_count)
      : final_cost_(std::move(final_cost)), epsilon_level_(final_cost_.size(), 0) {
    view_.state_count = static_cast<std::int32_t>(final_cost_.size());
    view_.pdf_count = pdf_count;
    arc_begin_.push_back(0);
    for (std::int32_t s = 0; s < view_.state_count; ++s) {
      append(arcs, s, false);
      epsilon_begin_.push_back(static_cast<std::uint32_t>(arcs_.size()));
      append(arcs, s, true);
      arc_begin_.push_back(static_cast<std::uint32_t>(arcs_.size()));
      for (std::uint32_t a = epsilon_begin_.back(); a < arc_begin_.back(); ++a) {
        std::uint8_t& level = epsilon_level_[arcs_[a].target];
        level = std::max<std::uint8_t>(level, epsilon_level_[s] + 1);
        view_.epsilon_level_count = std::max<std::int32_t>(view_.epsilon_level_count, level + 1);
      }
    }
    view_.arc_begin = arc_begin_.data();
    view_.epsilon_begin = epsilon_begin_.data();
    view_.epsilon_level = epsilon_level_.data();
    view_.final_cost = final_cost_.data();
    view_.arcs = arcs_.data();
  }
  TestGraph(const TestGraph&) = delete;
  TestGraph& operator=(const TestGraph&) = delete;

  const GraphView& view() const { return view_; }

 private:
  void append(std::span<const TestArc> arcs, std::int32_t source, bool epsilon) {
    for (const TestArc& arc : arcs) {
      if (arc.source == source && (arc.arc.input == 0) == epsilon) arcs_.push_back(arc.arc);
    }
  }

  GraphView view_;
  std::vector<std::uint32_t> arc_begin_, epsilon_begin_;
  std::vector<float> final_cost_;
  std::vector<std::uint8_t> epsilon_level_;
  std::vector<Arc> arcs_;
};

/// Several arcs of one pdf between the same states, epsilon arcs, several final states, costs of
/// either sign.
inline TestGraph random_test_graph(std::mt19937& random, std::int32_t states, int arcs,
                                   std::int32_t pdfs) {
  std::uniform_int_distribution<std::int32_t> state(0, states - 1), input(0, pdfs);
  std::uniform_real_distribution<float> cost(-1.0F, 3.0F);
  std::vector<TestArc> list;
  for (int a = 0; a < arcs; ++a) {
    TestArc arc{state(random), {state(random), input(random), 0, cost(random)}};
    if (arc.arc.input == 0 && arc.arc.target <= arc.source) arc.arc.input = 1;
    list.push_back(arc);
  }
  std::vector<float> final_cost(static_cast<std::size_t>(states), kInfiniteCost);
  for (float& f : final_cost) f = state(random) < 2 ? cost(random) : kInfiniteCost;
  return {list, final_cost, pdfs};
}

/// The sum over all paths and the posteriors, by walking each path in double precision.
struct Enumeration {
  double probability = 0.0;
  std::vector<double> posteriors;  ///< [frames, pdfs]
  std::int64_t path_count = 0;
};

namespace detail {

inline void walk(const GraphView& graph, std::span<const float> scores, std::int32_t state,
                 double log_weight, std::vector<std::int32_t>& pdfs, Enumeration& result) {
  const std::size_t frame = pdfs.size();
  const auto pdf_count = static_cast<std::size_t>(graph.pdf_count);
  if (frame * pdf_count == scores.size() && graph.final_cost[state] != kInfiniteCost) {
    const double probability = std::exp(log_weight - double{graph.final_cost[state]});
    ++result.path_count;
    result.probability += probability;
    for (std::size_t t = 0; t < frame; ++t) {
      result.posteriors[t * pdf_count + static_cast<std::size_t>(pdfs[t])] += probability;
    }
  }
  for (std::uint32_t a = graph.arc_begin[state]; a < graph.arc_begin[state + 1]; ++a) {
    const Arc& arc = graph.arcs[a];
    if (arc.input == 0) {
      walk(graph, scores, arc.target, log_weight - double{arc.cost}, pdfs, result);
    } else if (frame * pdf_count < scores.size()) {
      const double score = scores[frame * pdf_count + static_cast<std::size_t>(arc.input - 1)];
      pdfs.push_back(arc.input - 1);
      walk(graph, scores, arc.target, log_weight - double{arc.cost} + score, pdfs, result);
      pdfs.pop_back();
    }
  }
}

}  // namespace detail

/// Shapes: scores [frames, pdfs], at least one pdf.
inline Enumeration enumerate_paths(const GraphView& graph, std::span<const float> scores) {
  Enumeration result;
  result.posteriors.assign(scores.size(), 0.0);
  std::vector<std::int32_t> pdfs;
  detail::walk(graph, scores, graph.start, 0.0, pdfs, result);
  if (result.probability > 0.0) {
    for (double& posterior : result.posteriors) posterior /= result.probability;
  }
  return result;
}

/// Log-probabilities of `rows` random distributions over `dim` outcomes; `spread` is the standard
/// deviation before they are made to sum to one.
inline std::vector<float> random_log_softmax(std::mt19937& random, std::size_t rows,
                                             std::size_t dim, float spread = 2.0F) {
  std::normal_distribution<float> normal(0.0F, spread);
  std::vector<float> values(rows * dim);
  for (std::size_t r = 0; r < rows; ++r) {
    double sum = 0.0;
    for (std::size_t d = 0; d < dim; ++d) {
      values[r * dim + d] = normal(random);
      sum += std::exp(double{values[r * dim + d]});
    }
    for (std::size_t d = 0; d < dim; ++d) values[r * dim + d] -= static_cast<float>(std::log(sum));
  }
  return values;
}

}  // namespace harpy::testing
