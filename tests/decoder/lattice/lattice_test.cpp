#include "decoder/lattice/lattice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace harpy {
namespace {

LatticeArc arc(std::uint32_t source, std::uint32_t target, float cost) {
  return {.source = source, .target = target, .graph_cost = cost};
}

TEST(Lattice, FindsTheArcsOfEachState) {
  const Lattice lattice({{0}, {1}, {1}, {2, 0, 0.5F}}, {arc(0, 1, 1), arc(0, 2, 2), arc(2, 3, 3)});
  EXPECT_EQ(lattice.arcs_from(0).size(), 2U);
  EXPECT_EQ(lattice.arcs_from(1).size(), 0U);
  EXPECT_EQ(lattice.arcs_from(2)[0].target, 3U);
  EXPECT_EQ(lattice.arc_begin(4), 3U);
}

TEST(Lattice, KnowsTheCostsToTheEnd) {
  const Lattice lattice({{0}, {1}, {1}, {2, 0, 0.5F}}, {arc(0, 1, 1), arc(0, 2, 2), arc(2, 3, 3)});
  EXPECT_THAT(costs_to_end(lattice), ::testing::ElementsAre(5.5, double{kInfiniteCost}, 3.5, 0.5));
}

TEST(Lattice, MayBeEmpty) {
  EXPECT_TRUE(Lattice().empty());
  EXPECT_TRUE(costs_to_end(Lattice()).empty());
}

TEST(Lattice, RefusesArcsOutOfOrderOrRange) {
  const std::vector<LatticeState> states(3);
  EXPECT_THROW(Lattice(states, {arc(1, 1, 0)}), std::invalid_argument);
  EXPECT_THROW(Lattice(states, {arc(2, 1, 0)}), std::invalid_argument);
  EXPECT_THROW(Lattice(states, {arc(1, 3, 0)}), std::invalid_argument);
  EXPECT_THROW(Lattice(states, {arc(1, 2, 0), arc(0, 1, 0)}), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
