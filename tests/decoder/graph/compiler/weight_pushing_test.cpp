#include "decoder/graph/compiler/weight_pushing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

namespace harpy {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

SourcedArc sourced_arc(std::int32_t source, std::int32_t target, float cost) {
  return {source, {.target = target, .input = 1, .output = 0, .cost = cost}};
}

/// Costs of all paths from a state to the next word boundaries, by the states they pass.
void collect(const GraphDescription& graph, const std::vector<bool>& boundary,
             std::vector<std::size_t> path, double cost,
             std::map<std::vector<std::size_t>, double>& costs) {
  for (std::size_t i = 0; i < graph.arcs.size(); ++i) {
    const SourcedArc& next = graph.arcs[i];
    if (static_cast<std::size_t>(next.source) != path.back()) continue;
    std::vector<std::size_t> longer = path;
    longer.push_back(static_cast<std::size_t>(next.arc.target));
    const double total = cost + next.arc.cost;
    if (boundary[longer.back()]) {
      costs[longer] = total;
    } else {
      collect(graph, boundary, longer, total, costs);
    }
  }
}

TEST(WeightPushing, PaysTheSumOfTheWordsBelowAtOnce) {
  // 0 (boundary) -> 1 -> {2, 3} -> 0
  GraphDescription graph{.start = 0,
                         .pdf_count = 1,
                         .arcs = {sourced_arc(0, 1, 0), sourced_arc(1, 2, 0), sourced_arc(1, 3, 0),
                                  sourced_arc(2, 0, 1.0F), sourced_arc(3, 0, 2.0F)},
                         .final_costs = {0, kInfiniteCost, kInfiniteCost, kInfiniteCost}};
  push_word_costs(graph, {true, false, false, false});
  const double both = -std::log(std::exp(-1.0) + std::exp(-2.0));
  EXPECT_NEAR(graph.arcs[0].arc.cost, both, 1e-6);
  EXPECT_NEAR(graph.arcs[1].arc.cost, 1.0 - both, 1e-6);
  EXPECT_NEAR(graph.arcs[2].arc.cost, 2.0 - both, 1e-6);
  EXPECT_EQ(graph.arcs[3].arc.cost, 0.0F);
  EXPECT_EQ(graph.arcs[4].arc.cost, 0.0F);
}

TEST(WeightPushing, KeepsTheCostOfEveryPathBetweenBoundaries) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    const std::size_t states = 10;
    std::vector<bool> boundary(states);
    GraphDescription graph{.start = 0, .pdf_count = 1, .arcs = {}, .final_costs = {}};
    for (std::size_t state = 0; state < states; ++state) {
      boundary[state] = state == 0 || random() % 4 == 0;
      graph.final_costs.push_back(boundary[state] ? 1.0F : kInfiniteCost);
      for (int i = 0; i < 2; ++i) {
        // Within words only to later states: no cycles there.
        const std::size_t later = state + 1 + random() % states;
        graph.arcs.push_back(sourced_arc(static_cast<std::int32_t>(state),
                                         later < states ? static_cast<std::int32_t>(later) : 0,
                                         static_cast<float>(random() % 1000) / 100.0F));
      }
    }
    GraphDescription pushed = graph;
    push_word_costs(pushed, boundary);
    for (std::size_t state = 0; state < states; ++state) {
      if (!boundary[state]) {
        double sum = 0.0;  // what leaves a state within a word adds up to one
        for (const SourcedArc& out : pushed.arcs) {
          if (static_cast<std::size_t>(out.source) == state) sum += std::exp(-out.arc.cost);
        }
        EXPECT_NEAR(sum, 1.0, 1e-5);
        continue;
      }
      std::map<std::vector<std::size_t>, double> before;
      std::map<std::vector<std::size_t>, double> after;
      collect(graph, boundary, {state}, 0.0, before);
      collect(pushed, boundary, {state}, 0.0, after);
      ASSERT_EQ(before.size(), after.size());
      for (const auto& [path, cost] : before) EXPECT_NEAR(after.at(path), cost, 1e-5);
    }
  }
}

TEST(WeightPushing, RefusesCyclesAndEndsWithinWords) {
  GraphDescription cycle{.start = 0,
                         .pdf_count = 1,
                         .arcs = {sourced_arc(0, 1, 0), sourced_arc(1, 2, 0), sourced_arc(2, 1, 0)},
                         .final_costs = {0, kInfiniteCost, kInfiniteCost}};
  EXPECT_THAT(
      [&] {
        push_word_costs(cycle, {true, false, false});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("a cycle without")));
  GraphDescription end{
      .start = 0, .pdf_count = 1, .arcs = {sourced_arc(0, 1, 0)}, .final_costs = {0.0F, 0.0F}};
  EXPECT_THAT(
      [&] {
        push_word_costs(end, {true, false});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("final within a word")));
}

}  // namespace
}  // namespace harpy
