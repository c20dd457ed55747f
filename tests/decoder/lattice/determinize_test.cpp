#include "decoder/lattice/determinize.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "tests/decoder/lattice/random_lattice.hpp"

namespace harpy {
namespace {

using testing::all_paths;
using testing::all_sequences;
using testing::BestAlignments;
using testing::EnumeratedPath;
using testing::random_raw_lattice;
using testing::WordSequences;

constexpr double kWide = 1000.0;

double least_cost(const WordSequences& sequences) {
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [words, best] : sequences) least = std::min(least, best.cost);
  return least;
}

TEST(Determinize, KeepsEachWordSequenceOnceWithItsBestPath) {
  std::mt19937 random(1);
  std::size_t sequence_count = 0;
  for (int i = 0; i < 1000; ++i) {
    SCOPED_TRACE(i);
    const Lattice raw = random_raw_lattice(random);
    const WordSequences expected = all_sequences(raw);
    const std::vector<EnumeratedPath> paths = all_paths(determinize(raw, {.beam = kWide}));
    ASSERT_EQ(paths.size(), expected.size());
    sequence_count += paths.size();
    for (const EnumeratedPath& path : paths) {
      const auto found = expected.find(path.words);
      ASSERT_NE(found, expected.end());
      EXPECT_EQ(path.cost, found->second.cost);
      EXPECT_TRUE(found->second.labels.contains(path.labels));
    }
  }
  EXPECT_GT(sequence_count, 5000U);
}

TEST(Determinize, KeepsWhatIsWithinTheBeamAndAddsNothing) {
  std::mt19937 random(2);
  for (int i = 0; i < 1000; ++i) {
    SCOPED_TRACE(i);
    const Lattice raw = random_raw_lattice(random);
    const WordSequences expected = all_sequences(raw);
    for (const double beam : {0.0, 1.0, 3.0}) {
      const std::vector<EnumeratedPath> paths = all_paths(determinize(raw, {.beam = beam}));
      std::set<std::vector<std::int32_t>> found;
      for (const EnumeratedPath& path : paths) {
        EXPECT_TRUE(found.insert(path.words).second);
        ASSERT_TRUE(expected.contains(path.words));
        EXPECT_GE(path.cost, expected.at(path.words).cost);
      }
      for (const auto& [words, best] : expected) {
        if (best.cost > least_cost(expected) + beam) continue;
        const auto path = std::ranges::find(paths, words, &EnumeratedPath::words);
        ASSERT_NE(path, paths.end());
        EXPECT_EQ(path->cost, best.cost);
        EXPECT_TRUE(best.labels.contains(path->labels));
      }
    }
  }
}

TEST(Determinize, LeavesEachStateByAWordOnce) {
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    const CompactLattice lattice = determinize(random_raw_lattice(random), {.beam = kWide});
    std::set<std::pair<std::uint32_t, std::int32_t>> met;
    for (const CompactLatticeArc& arc : lattice.arcs()) {
      EXPECT_TRUE(met.emplace(arc.source, arc.word).second);
      EXPECT_NE(arc.word, 0);
    }
  }
}

TEST(Determinize, JoinsEqualFutures) {
  // Two words of one frame each, either of two words at either place: four sequences, three states.
  std::vector<LatticeState> states{{0}, {1}, {1}, {2, 0, 0.0F}};
  const std::vector<LatticeArc> arcs{{0, 1, 1, 1, 1.0F, 0.5F},  {0, 2, 1, 2, 2.0F, 0.5F},
                                     {1, 3, 2, 3, 1.0F, 0.25F}, {1, 3, 2, 4, 3.0F, 0.25F},
                                     {2, 3, 2, 3, 1.0F, 0.25F}, {2, 3, 2, 4, 3.0F, 0.25F}};
  const CompactLattice lattice = determinize({states, arcs}, {.beam = kWide});
  EXPECT_EQ(lattice.states().size(), 4U);  // the places behind the first word differ
  EXPECT_EQ(lattice.arcs().size(), 6U);
  EXPECT_EQ(all_paths(lattice).size(), 4U);
  EXPECT_EQ(lattice.states().back().frame, 2);
}

TEST(Determinize, KeepsTheBestPathsWhereArcsAreBounded) {
  std::mt19937 random(4);
  for (int i = 0; i < 300; ++i) {
    SCOPED_TRACE(i);
    const Lattice raw = random_raw_lattice(random);
    const WordSequences expected = all_sequences(raw);
    const CompactLattice lattice = determinize(raw, {.beam = kWide, .max_arcs = 8});
    EXPECT_LE(lattice.arcs().size(), 8U);
    double best = std::numeric_limits<double>::infinity();
    for (const EnumeratedPath& path : all_paths(lattice)) best = std::min(best, path.cost);
    EXPECT_EQ(best, least_cost(expected));
  }
}

TEST(Determinize, OfALatticeWithoutPathsIsEmpty) {
  EXPECT_TRUE(determinize(Lattice()).empty());
  EXPECT_TRUE(determinize(Lattice({{0}, {1}}, {{0, 1, 1, 1, 0.0F, 0.0F}})).empty());
}

}  // namespace
}  // namespace harpy
