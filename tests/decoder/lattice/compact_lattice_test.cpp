#include "decoder/lattice/compact_lattice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

#include "decoder/lattice/determinize.hpp"
#include "decoder/lattice/sorted_lattice.hpp"
#include "tests/decoder/lattice/random_lattice.hpp"

namespace harpy {
namespace {

using testing::all_paths;
using ::testing::ElementsAre;
using testing::EnumeratedPath;

/// Two words, then an end with a label of its own; or one word of two frames.
CompactLattice small_lattice() {
  return {{{.final = {kInfiniteCost}}, {}, {0, {0.5, 0.25, 3, 4}}},
          {{0, 1, 7, {1.0, 2.0, 0, 1}}, {0, 2, 8, {4.0, 1.0, 1, 3}}, {1, 2, 9, {0.0, 1.0, 0, 1}}},
          {1, 2, 3, 4}};
}

TEST(CompactLattice, CountsTheFramesOfItsStates) {
  const CompactLattice lattice = small_lattice();
  EXPECT_EQ(lattice.states()[1].frame, 1);
  EXPECT_EQ(lattice.states()[2].frame, 2);
  EXPECT_THAT(lattice.labels(lattice.arcs()[1].weight), ElementsAre(2, 3));
  EXPECT_THAT(lattice.labels(lattice.states()[2].final), ElementsAre(4));
}

TEST(CompactLattice, KnowsTheCostsToTheEnd) {
  EXPECT_THAT(costs_to_end(small_lattice()), ElementsAre(4.75, 1.75, 0.75));
}

TEST(CompactLattice, RefusesWhatDoesNotFit) {
  const std::vector<CompactLatticeState> states(2);
  EXPECT_THROW(CompactLattice(states, {{1, 1, 1, {}}}, {}), std::invalid_argument);
  EXPECT_THROW(CompactLattice(states, {{0, 2, 1, {}}}, {}), std::invalid_argument);
  EXPECT_THROW(CompactLattice(states, {{0, 1, 1, {0, 0, 0, 1}}}, {}), std::invalid_argument);
  EXPECT_THROW(CompactLattice(states, {{0, 1, 1, {0, 0, 0, 1}}, {0, 1, 2, {}}}, {5}),
               std::invalid_argument);
}

TEST(CompactLattice, PrunedKeepsWhatIsNearTheBest) {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    const CompactLattice lattice =
        determinize(testing::random_raw_lattice(random), {.beam = 1000.0});
    if (lattice.empty()) continue;
    const double best = costs_to_end(lattice)[0];
    for (const double beam : {0.0, 2.0}) {
      const std::vector<EnumeratedPath> kept = all_paths(prune(lattice, beam));
      std::size_t expected = 0;
      for (const EnumeratedPath& path : all_paths(lattice)) {
        const bool is_kept = std::ranges::any_of(kept, [&](const EnumeratedPath& other) {
          return other.words == path.words && other.labels == path.labels &&
                 other.cost == path.cost;
        });
        if (path.cost <= best + beam) {
          EXPECT_TRUE(is_kept);
          ++expected;
        }
      }
      EXPECT_GE(kept.size(), expected);
    }
  }
  EXPECT_EQ(prune(small_lattice(), 0.0).arcs().size(), 2U);
  EXPECT_THROW(prune(small_lattice(), -1.0), std::invalid_argument);
  EXPECT_TRUE(prune(CompactLattice(), 1.0).empty());
}

TEST(CompactLattice, RescaledHasItsCostsTimesTheScales) {
  const CompactLattice lattice = rescale(small_lattice(), {.graph = 2.0, .acoustic = 0.5});
  EXPECT_EQ(lattice.arcs()[0].cost(), 3.0);
  EXPECT_EQ(lattice.states()[2].final_cost(), 1.125);
  EXPECT_TRUE(std::isinf(rescale(small_lattice(), {.graph = 0.0}).states()[0].final_cost()));
}

TEST(SortedLattice, PutsStatesInOrderAndDropsWhatIsOnNoPath) {
  // 0 -> 3 -> 1 (end); 2 is a dead end, 4 comes from nowhere.
  const std::vector<CompactLatticeState> states{{}, {0, {0.0, 0.0}}, {}, {}, {}};
  const CompactLattice lattice = make_sorted(
      states, {{3, 1, 5, {1, 0, 1, 2}}, {0, 2, 6, {}}, {0, 3, 7, {2, 0, 0, 1}}, {4, 1, 8, {}}},
      {10, 11});
  ASSERT_EQ(lattice.states().size(), 3U);
  ASSERT_EQ(lattice.arcs().size(), 2U);
  EXPECT_EQ(lattice.arcs()[0].word, 7);
  EXPECT_THAT(lattice.labels(lattice.arcs()[0].weight), ElementsAre(10));
  EXPECT_EQ(lattice.arcs()[1].word, 5);
  EXPECT_THAT(lattice.labels(lattice.arcs()[1].weight), ElementsAre(11));
  EXPECT_EQ(lattice.states()[2].frame, 2);
}

TEST(SortedLattice, RefusesCycles) {
  const std::vector<CompactLatticeState> states{{}, {}, {0, {0.0, 0.0}}};
  EXPECT_THROW(make_sorted(states, {{0, 1, 1, {}}, {1, 1, 2, {}}, {1, 2, 3, {}}}, {}),
               std::invalid_argument);
  EXPECT_THROW(make_sorted(states, {{0, 1, 1, {}}, {1, 0, 2, {}}, {1, 2, 3, {}}}, {}),
               std::invalid_argument);
}

}  // namespace
}  // namespace harpy
