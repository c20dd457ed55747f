#include "decoder/graph/decoding_graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <span>

#include "tests/decoder/graph/random_graph.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

GraphDescription two_states() {
  return {.start = 0,
          .pdf_count = 3,
          .arcs = {{1, {.target = 1, .input = 0, .output = 0, .cost = 0.0F}}},
          .final_costs = {kInfiniteCost, 0.5F}};
}

void expect_refused(const GraphDescription& description, const std::string& text) {
  EXPECT_THAT([&] { DecodingGraph{description}; },
              ThrowsMessage<std::invalid_argument>(HasSubstr(text)));
}

GraphDescription with_arc(const SourcedArc& arc) {
  GraphDescription description = two_states();
  description.arcs = {arc};
  return description;
}

TEST(DecodingGraph, PutsEmittingArcsFirstAndKeepsTheirOrder) {
  const Arc a{.target = 1, .input = 2, .output = 0, .cost = 1.0F};
  const Arc b{.target = 2, .input = 0, .output = 7, .cost = 2.0F};
  const Arc c{.target = 0, .input = 1, .output = 0, .cost = 3.0F};
  const Arc d{.target = 1, .input = 0, .output = 0, .cost = 4.0F};
  const DecodingGraph graph(GraphDescription{.start = 1,
                                             .pdf_count = 2,
                                             .arcs = {{1, c}, {0, b}, {0, a}, {0, d}, {0, c}},
                                             .final_costs = {kInfiniteCost, 0.0F, -1.0F}});
  const GraphView& view = graph.view();
  EXPECT_EQ(view.state_count, 3);
  EXPECT_EQ(view.start, 1);
  EXPECT_EQ(view.pdf_count, 2);
  EXPECT_THAT(std::span(view.arcs, view.arc_count()), ElementsAre(a, c, b, d, c));
  EXPECT_THAT(std::span(view.arc_begin, 4), ElementsAre(0, 4, 5, 5));
  EXPECT_THAT(std::span(view.epsilon_begin, 3), ElementsAre(2, 5, 5));
  EXPECT_THAT(std::span(view.final_cost, 3), ElementsAre(kInfiniteCost, 0.0F, -1.0F));
}

TEST(DecodingGraph, LevelsAreTheLongestEpsilonPaths) {
  // 0 -> 1 -> 2 -> 3 by epsilons, 0 -> 3 directly, 4 apart.
  const auto epsilon = [](std::int32_t source, std::int32_t target) {
    return SourcedArc{source, {.target = target, .input = 0, .output = 0, .cost = 0.0F}};
  };
  const DecodingGraph graph(
      GraphDescription{.start = 0,
                       .pdf_count = 1,
                       .arcs = {epsilon(0, 3), epsilon(2, 3), epsilon(1, 2), epsilon(0, 1)},
                       .final_costs = std::vector<float>(5, 0.0F)});
  EXPECT_EQ(graph.view().epsilon_level_count, 4);
  EXPECT_THAT(std::span(graph.view().epsilon_level, 5), ElementsAre(0, 1, 2, 3, 0));
}

TEST(DecodingGraph, LevelsOfRandomGraphsFitEveryEpsilonArc) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    const DecodingGraph graph(testing::random_graph({.states = 30, .arcs = 120}, random));
    const GraphView& view = graph.view();
    for (std::int32_t state = 0; state < view.state_count; ++state) {
      ASSERT_LT(view.epsilon_level[state], view.epsilon_level_count);
      for (std::uint32_t arc = view.epsilon_begin[state]; arc < view.arc_begin[state + 1]; ++arc) {
        ASSERT_GT(view.epsilon_level[view.arcs[arc].target], view.epsilon_level[state]);
      }
    }
  }
}

TEST(DecodingGraph, CopiesShareTheArrays) {
  const DecodingGraph graph(GraphDescription{
      .start = 0, .pdf_count = 0, .arcs = {}, .final_costs = std::vector<float>(1, 0.0F)});
  const DecodingGraph copy = graph;
  EXPECT_EQ(copy.view().final_cost, graph.view().final_cost);
}

TEST(DecodingGraph, RefusesLabelsStatesAndCostsOutOfRange) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  expect_refused(with_arc({2, {.target = 0, .input = 1, .output = 0, .cost = 0}}), "source 2");
  expect_refused(with_arc({-1, {.target = 0, .input = 1, .output = 0, .cost = 0}}), "source -1");
  expect_refused(with_arc({0, {.target = 2, .input = 1, .output = 0, .cost = 0}}), "target 2");
  expect_refused(with_arc({0, {.target = -1, .input = 0, .output = 0, .cost = 0}}), "target -1");
  expect_refused(with_arc({0, {.target = 0, .input = 4, .output = 0, .cost = 0}}), "label 4");
  expect_refused(with_arc({0, {.target = 0, .input = -1, .output = 0, .cost = 0}}), "label -1");
  expect_refused(with_arc({0, {.target = 0, .input = 1, .output = -1, .cost = 0}}), "label -1");
  expect_refused(with_arc({1, {.target = 0, .input = 1, .output = 0, .cost = kNan}}), "state 1");
  expect_refused(with_arc({0, {.target = 0, .input = 0, .output = 0, .cost = -kInfiniteCost}}),
                 "cost -inf");
  GraphDescription description = two_states();
  description.arcs.clear();
  description.start = 2;
  expect_refused(description, "start state 2");
  description.start = 0;
  description.pdf_count = -1;
  expect_refused(description, "pdf count");
  description.pdf_count = 1;
  description.final_costs[1] = kNan;
  expect_refused(description, "state 1: final cost");
  description.final_costs.clear();
  expect_refused(description, "no states");
}

TEST(DecodingGraph, RefusesEpsilonCyclesAndTooLongEpsilonPaths) {
  expect_refused(two_states(), "state 1: an epsilon cycle");
  GraphDescription chain;
  for (std::int32_t state = 0; state < 256; ++state) {
    chain.arcs.push_back({state, {.target = state + 1, .input = 0, .output = 0, .cost = 0.0F}});
  }
  chain.final_costs.assign(257, 0.0F);
  expect_refused(chain, "state 256: more than 255");
  chain.arcs.pop_back();
  EXPECT_EQ(DecodingGraph(chain).view().epsilon_level_count, 256);
}

TEST(DecodingGraph, RefusesRowsThatDoNotFit) {
  const GraphRows good{.start = 0,
                       .pdf_count = 1,
                       .arc_begin = {0, 1, 1},
                       .epsilon_begin = {1, 1},
                       .final_costs = {0.0F, 0.0F},
                       .arcs = {{.target = 0, .input = 1, .output = 0, .cost = 0.0F}}};
  EXPECT_EQ(DecodingGraph(good).view().arc_count(), 1);
  GraphRows bad = good;
  bad.arc_begin = {0, 1, 2};
  EXPECT_THROW(DecodingGraph{bad}, std::invalid_argument);
  bad.arc_begin = {0, 2, 1};
  EXPECT_THROW(DecodingGraph{bad}, std::invalid_argument);
  bad.arc_begin = {1, 1, 1};
  EXPECT_THROW(DecodingGraph{bad}, std::invalid_argument);
  bad = good;
  bad.epsilon_begin = {0, 1};  // an emitting arc among the epsilon ones
  EXPECT_THROW(DecodingGraph{bad}, std::invalid_argument);
}

}  // namespace
}  // namespace harpy
