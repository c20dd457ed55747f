#include "decoder/path_sums/summation_graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/decoder/sequence_loss/path_enumeration.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using testing::TestArc;
using testing::TestGraph;

// 0 -1-> 1, 0 -e-> 1, 1 -2-> 0, 1 -2-> 2, 2 -1-> 2; epsilon level of state 1 is 1.
const std::vector<TestArc> kArcs{{0, {1, 1, 0, 0.0F}},
                                 {0, {1, 0, 0, 1.0F}},
                                 {1, {0, 2, 0, 0.0F}},
                                 {1, {2, 2, 0, 0.0F}},
                                 {2, {2, 1, 0, 2.0F}}};

std::vector<std::int32_t> states_of(const SummationGraph::Index& index) {
  std::vector<std::int32_t> states;
  for (const SummationGraph::Arc& arc : index.arcs) states.push_back(arc.state);
  return states;
}

TEST(SummationGraph, NumbersStatesByEpsilonLevelAndIndexesArcsBothWays) {
  const TestGraph graph(kArcs, {kInfiniteCost, 0.0F, 0.5F}, 2);
  const SummationGraph sums(graph.view());
  EXPECT_EQ(sums.state_count(), 3);
  EXPECT_EQ(sums.arc_count(), 5);
  EXPECT_EQ(sums.pdf_count(), 2);
  EXPECT_EQ(sums.start(), 0);
  // States 0, 2, 1 are numbers 0, 1, 2.
  EXPECT_THAT(sums.out().begin, ElementsAre(0, 2, 3, 5));
  EXPECT_THAT(sums.out().epsilon, ElementsAre(1, 3, 5));
  EXPECT_THAT(states_of(sums.out()), ElementsAre(2, 2, 1, 0, 1));
  EXPECT_THAT(sums.in().begin, ElementsAre(0, 1, 3, 5));
  EXPECT_THAT(sums.in().epsilon, ElementsAre(1, 3, 4));
  EXPECT_THAT(states_of(sums.in()), ElementsAre(2, 1, 2, 0, 0));
  EXPECT_EQ(sums.final_weights()[0].mantissa, 0.0F);
  EXPECT_EQ(sums.final_weights()[2].mantissa, 1.0F);
}

TEST(SummationGraph, AssignReplacesALargerGraph) {
  const TestGraph large(kArcs, {kInfiniteCost, 0.0F, 0.5F}, 2);
  const std::vector<TestArc> arcs{{0, {0, 1, 0, 0.0F}}};
  const TestGraph small(arcs, {0.0F}, 1);
  SummationGraph sums(large.view());
  sums.assign(small.view());
  EXPECT_EQ(sums.state_count(), 1);
  EXPECT_EQ(sums.pdf_count(), 1);
  EXPECT_THAT(sums.in().begin, ElementsAre(0, 1));
  EXPECT_THAT(sums.out().begin, ElementsAre(0, 1));
  EXPECT_THAT(states_of(sums.in()), ElementsAre(0));
}

}  // namespace
}  // namespace harpy
