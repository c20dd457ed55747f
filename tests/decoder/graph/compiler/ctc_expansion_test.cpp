#include "decoder/graph/compiler/ctc_expansion.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <vector>

#include "tests/decoder/graph/compiler/brute_force.hpp"
#include "tests/decoder/graph/random_graph.hpp"

namespace harpy {
namespace {

using Labels = std::vector<std::int32_t>;
using OutputCosts = std::map<Labels, double>;

/// Least cost of each output of the paths of a graph whose inputs are `labels`.
OutputCosts path_costs(const GraphView& graph, const Labels& labels) {
  OutputCosts costs;
  Labels output;
  const std::function<void(std::int32_t, std::size_t, double)> walk =
      [&](std::int32_t state, std::size_t done, double cost) {
        if (done == labels.size() && graph.final_cost[state] < kInfiniteCost) {
          const double total = cost + graph.final_cost[state];
          const auto [found, is_new] = costs.emplace(output, total);
          if (!is_new) found->second = std::min(found->second, total);
        }
        for (std::uint32_t i = graph.arc_begin[state]; i < graph.arc_begin[state + 1]; ++i) {
          const Arc& arc = graph.arcs[i];
          if (arc.input != 0 && (done == labels.size() || labels[done] != arc.input)) continue;
          if (arc.output != 0) output.push_back(arc.output);
          walk(arc.target, done + (arc.input != 0), cost + arc.cost);
          if (arc.output != 0) output.pop_back();
        }
      };
  walk(graph.start, 0, 0.0);
  return costs;
}

TEST(CtcExpansion, GivesFramesTheCostsOfTheirCollapsedLabels) {
  std::mt19937 random(23);
  std::size_t accepted = 0;
  for (int round = 0; round < 30; ++round) {
    const DecodingGraph labels(testing::random_graph({.states = 5, .arcs = 9, .pdfs = 2}, random));
    const DecodingGraph frames(expand_ctc(labels.view()));
    EXPECT_EQ(frames.view().pdf_count, 3);
    Labels sequence;
    const std::function<void()> visit = [&] {
      Labels inputs = sequence;
      for (std::int32_t& input : inputs) ++input;
      const OutputCosts expected = path_costs(labels.view(), testing::collapse(sequence));
      ASSERT_EQ(path_costs(frames.view(), inputs), expected);  // sums of eighths are exact
      accepted += expected.size();
      if (sequence.size() == 5) return;
      for (std::int32_t label = 0; label < 3; ++label) {
        sequence.push_back(label);
        visit();
        sequence.pop_back();
      }
    };
    visit();
  }
  EXPECT_GT(accepted, 1000U);
}

TEST(CtcExpansion, EpsilonChainsStayAsShortAsTheyWere) {
  std::mt19937 random(5);
  for (int round = 0; round < 20; ++round) {
    const DecodingGraph labels(testing::random_graph({.states = 12, .arcs = 40}, random));
    const DecodingGraph frames(expand_ctc(labels.view()));
    EXPECT_LE(frames.view().epsilon_level_count, labels.view().epsilon_level_count);
  }
}

TEST(CtcExpansion, NumbersStatesBreadthFirst) {
  std::mt19937 random(9);
  const DecodingGraph labels(testing::random_graph({.states = 12, .arcs = 40}, random));
  const DecodingGraph frames(expand_ctc(labels.view()));
  const GraphView& graph = frames.view();
  EXPECT_EQ(graph.start, 0);
  std::int32_t highest = 0;
  for (std::uint32_t i = 0; i < graph.arc_count(); ++i) {
    EXPECT_LE(graph.arcs[i].target, highest + 1);
    highest = std::max(highest, graph.arcs[i].target);
  }
  EXPECT_EQ(highest + 1, graph.state_count);
}

}  // namespace
}  // namespace harpy
